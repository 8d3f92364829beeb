#ifndef ALLOCATOR_H
#define ALLOCATOR_H
#include <stddef.h>
#include <quickjs.h>

extern const JSMallocFunctions allocator;
#endif
