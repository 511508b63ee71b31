/** The window in which the customer was at the bank's own page: its work is done on the server already. */
if (window.opener !== null) window.close();
