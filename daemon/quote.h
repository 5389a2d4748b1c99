/* Text as a JSON string. */
#ifndef DAEMON_QUOTE_H
#define DAEMON_QUOTE_H

/* The JSON string of a text that is UTF-8, to be freed. Fast where nothing in
   it needs an escape, as in most names. */
char *quote(const char *text);

/* The same for terminals and logs: in ASCII, as a character may be one that
   turns the direction of the text, or cannot be seen. */
char *quote_ascii(const char *text);

/* A JSON text likewise, to be freed. */
char *quote_json_ascii(const char *json);

#endif
