/* Text as a JSON string. */
#ifndef DAEMON_QUOTE_H
#define DAEMON_QUOTE_H

/* The JSON string of a text that is UTF-8, to be freed. Fast where nothing in
   it needs an escape, as in most names. */
char *quote(const char *text);

#endif
