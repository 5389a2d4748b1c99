/* The standard descriptors of a program that may be started without them. */
#ifndef PROTO_STANDARD_H
#define PROTO_STANDARD_H

/*
 * Where one of 0, 1 and 2 is closed, the next file to be opened would take its
 * number, and what is printed would go there. They are made to be there;
 * reading and writing them still fail.
 */
void standard_reserve(void);

#endif
