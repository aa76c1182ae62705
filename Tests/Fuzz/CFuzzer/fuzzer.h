// What libFuzzer and the address sanitizer offer to a target.
#ifndef FLOWPANEL_DOCTOR_CFUZZER_H
#define FLOWPANEL_DOCTOR_CFUZZER_H

#include <stddef.h>
#include <stdint.h>

// Changes bytes in place, to no more than `maximum`, and says how many they are now.
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t count, size_t maximum);

// The bytes that are allocated and not freed yet.
size_t __sanitizer_get_current_allocated_bytes(void);

#endif
