/*
 * opensl_version.h - release of the OpenSL library.
 *
 * In the number every part has two hexadecimal digits: major, minor, fix,
 * and the patch letter counted from a = 1.
 */
#ifndef OPENSL_VERSION_H
#define OPENSL_VERSION_H

#define OPENSL_VERSION_NUMBER 0x01000105L
#define OPENSL_VERSION_TEXT   "OpenSL 1.0.1e (2012-06-04)"
#define OPENSL_SHLIB_VERSION  "1.0.1"

#endif
