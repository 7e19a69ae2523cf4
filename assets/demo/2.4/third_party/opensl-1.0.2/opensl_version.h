/*
 * opensl_version.h - release of the OpenSL library.
 *
 * In the number every part has two hexadecimal digits: major, minor, fix,
 * and the patch letter counted from a = 1.
 */
#ifndef OPENSL_VERSION_H
#define OPENSL_VERSION_H

#define OPENSL_VERSION_NUMBER 0x0100020bL
#define OPENSL_VERSION_TEXT   "OpenSL 1.0.2k (2016-03-09)"
#define OPENSL_SHLIB_VERSION  "1.0.2"

#endif
