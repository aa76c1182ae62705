// Preloaded, it tells ThreadSanitizer of what it can't see of Swift's Mutex: taking a lock that another thread holds, and
// giving back one that others wait for. Both are code of libswiftSynchronization.so, which was not built for the
// sanitizer, so that it would call accesses under such a lock a race. All else is inlined, and seen.
//
// Swift 6.2, stdlib/public/Synchronization/Mutex/LinuxImpl.swift.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

// Programs that were not built for the sanitizer lack them.
__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *handle

SWIFT void doctor_lock(uint32_t thread, SELF) __asm__(LOCK);
SWIFT bool doctor_try_lock(SELF) __asm__(TRY_LOCK);
SWIFT void doctor_unlock(SELF) __asm__(UNLOCK);

static void acquire(void *handle) {
  if (__tsan_acquire) __tsan_acquire(handle);
}

SWIFT void doctor_lock(uint32_t thread, SELF) {
  typedef SWIFT void function(uint32_t, SELF);
  ((function *)dlsym(RTLD_NEXT, LOCK))(thread, handle);
  acquire(handle);
}

SWIFT bool doctor_try_lock(SELF) {
  typedef SWIFT bool function(SELF);
  bool isTaken = ((function *)dlsym(RTLD_NEXT, TRY_LOCK))(handle);
  if (isTaken) acquire(handle);
  return isTaken;
}

SWIFT void doctor_unlock(SELF) {
  typedef SWIFT void function(SELF);
  if (__tsan_release) __tsan_release(handle);
  ((function *)dlsym(RTLD_NEXT, UNLOCK))(handle);
}
