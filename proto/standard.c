/* The standard descriptors of a program that may be started without them. */
#include "config.h"

#include "proto/standard.h"

#include <fcntl.h>

void
standard_reserve(void)
{
	int fd;

	for (fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) == -1)
			open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}
