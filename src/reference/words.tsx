/** The little of Markdown that descriptions use: paragraphs, `code` and **strong**. */

export const Words = ({ text }: { text: string }) => (
  <>
    {text.split(/\n{1,2}(?=`|\*\*|\n)|\n\n/).map((part) => (
      <p key={part}>
        <Line text={part} />
      </p>
    ))}
  </>
);

export const Line = ({ text }: { text: string }) => (
  <>
    {text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part, index) => {
      if (part.startsWith("`")) return <code key={index}>{part.slice(1, -1)}</code>;
      return part.startsWith("**") ? <strong key={index}>{part.slice(2, -2)}</strong> : part;
    })}
  </>
);
