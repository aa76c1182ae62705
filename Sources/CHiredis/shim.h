// hiredis 0.14 allocates an array as soon as its length is announced: a hostile server's `*1000000000` costs gigabytes.
// The reader made here refuses lengths past a bound before anything is allocated.
#ifndef FLOWPANEL_DOCTOR_CHIREDIS_SHIM_H
#define FLOWPANEL_DOCTOR_CHIREDIS_SHIM_H

#include <hiredis/hiredis.h>
#include <stdlib.h>

#define DOCTOR_REDIS_MAX_ELEMENTS 100000

struct doctor_redis_reader {
  redisReader *reader;
  redisReplyObjectFunctions functions;
  void *(*create_array)(const redisReadTask *, int);
};

static inline void *doctor_redis_create_array(const redisReadTask *task, int elements) {
  struct doctor_redis_reader *self = (struct doctor_redis_reader *)task->privdata;
  if (elements > DOCTOR_REDIS_MAX_ELEMENTS) return NULL;
  return self->create_array(task, elements);
}

static inline struct doctor_redis_reader *doctor_redis_reader_create(void) {
  struct doctor_redis_reader *self = (struct doctor_redis_reader *)calloc(1, sizeof *self);
  if (!self) return NULL;
  self->reader = redisReaderCreate();
  if (!self->reader) {
    free(self);
    return NULL;
  }
  self->functions = *self->reader->fn;
  self->create_array = self->functions.createArray;
  self->functions.createArray = doctor_redis_create_array;
  self->reader->fn = &self->functions;
  self->reader->privdata = self;
  return self;
}

static inline void doctor_redis_reader_free(struct doctor_redis_reader *self) {
  redisReaderFree(self->reader);
  free(self);
}

#endif
