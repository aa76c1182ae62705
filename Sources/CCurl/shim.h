// libcurl for the transport, bound when it is first used.
//
// Loading libcurl loads some thirty libraries, which takes longer than everything else that a command such as `explain`
// does: so it is opened by the first call instead of by the loader. curl_easy_setopt, curl_easy_getinfo and
// curl_multi_setopt are variadic besides, which Swift can't import: there is one typed wrapper for each kind of argument.
#ifndef FLOWPANEL_DOCTOR_CCURL_SHIM_H
#define FLOWPANEL_DOCTOR_CCURL_SHIM_H

#include <curl/curl.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#define DOCTOR_LIBCURL "libcurl.so.4"

static inline void *doctor_curl_symbol(const char *name) {
  void *library = dlopen(DOCTOR_LIBCURL, RTLD_NOW | RTLD_GLOBAL);
  void *symbol = library ? dlsym(library, name) : NULL;
  if (!symbol) {
    // Only an installation without libcurl comes here, and none of it can work.
    fprintf(stderr, "flowpanel-doctor: error: %s\n", dlerror());
    exit(70);
  }
  return symbol;
}

// The function of that name in libcurl. Binding twice gives the same address, so a relaxed race is harmless.
#define DOCTOR_CURL(function) \
  ({ \
    static __typeof__(&function) bound; \
    __typeof__(&function) address = __atomic_load_n(&bound, __ATOMIC_RELAXED); \
    if (!address) { \
      address = (__typeof__(&function))doctor_curl_symbol(#function); \
      __atomic_store_n(&bound, address, __ATOMIC_RELAXED); \
    } \
    address; \
  })

typedef size_t (*doctor_curl_callback)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode doctor_curl_global_init(long flags) { return DOCTOR_CURL(curl_global_init)(flags); }

static inline CURL *doctor_curl_easy_init(void) { return DOCTOR_CURL(curl_easy_init)(); }

static inline void doctor_curl_easy_cleanup(CURL *easy) { DOCTOR_CURL(curl_easy_cleanup)(easy); }

static inline const char *doctor_curl_easy_strerror(CURLcode code) { return DOCTOR_CURL(curl_easy_strerror)(code); }

static inline CURLcode doctor_curl_easy_pause(CURL *easy, int mask) { return DOCTOR_CURL(curl_easy_pause)(easy, mask); }

static inline CURLcode doctor_curl_easy_send(CURL *easy, const void *bytes, size_t count, size_t *sent) {
  return DOCTOR_CURL(curl_easy_send)(easy, bytes, count, sent);
}

static inline CURLcode doctor_curl_easy_recv(CURL *easy, void *buffer, size_t count, size_t *received) {
  return DOCTOR_CURL(curl_easy_recv)(easy, buffer, count, received);
}

static inline CURLcode doctor_curl_set_long(CURL *easy, CURLoption option, long value) {
  return DOCTOR_CURL(curl_easy_setopt)(easy, option, value);
}

static inline CURLcode doctor_curl_set_string(CURL *easy, CURLoption option, const char *value) {
  return DOCTOR_CURL(curl_easy_setopt)(easy, option, value);
}

static inline CURLcode doctor_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
  return DOCTOR_CURL(curl_easy_setopt)(easy, option, value);
}

static inline CURLcode doctor_curl_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
  return DOCTOR_CURL(curl_easy_setopt)(easy, option, value);
}

static inline CURLcode doctor_curl_set_callback(CURL *easy, CURLoption option, doctor_curl_callback value) {
  return DOCTOR_CURL(curl_easy_setopt)(easy, option, value);
}

static inline CURLcode doctor_curl_set_prerequest(CURL *easy, curl_prereq_callback value) {
  return DOCTOR_CURL(curl_easy_setopt)(easy, CURLOPT_PREREQFUNCTION, value);
}

static inline CURLcode doctor_curl_set_debug(CURL *easy, curl_debug_callback value) {
  return DOCTOR_CURL(curl_easy_setopt)(easy, CURLOPT_DEBUGFUNCTION, value);
}

static inline CURLcode doctor_curl_get_long(CURL *easy, CURLINFO info, long *value) {
  return DOCTOR_CURL(curl_easy_getinfo)(easy, info, value);
}

static inline CURLcode doctor_curl_get_offset(CURL *easy, CURLINFO info, curl_off_t *value) {
  return DOCTOR_CURL(curl_easy_getinfo)(easy, info, value);
}

static inline CURLcode doctor_curl_get_string(CURL *easy, CURLINFO info, const char **value) {
  return DOCTOR_CURL(curl_easy_getinfo)(easy, info, (char **)value);
}

static inline CURLcode doctor_curl_get_certinfo(CURL *easy, struct curl_certinfo **value) {
  return DOCTOR_CURL(curl_easy_getinfo)(easy, CURLINFO_CERTINFO, value);
}

static inline CURLcode doctor_curl_get_socket(CURL *easy, curl_socket_t *value) {
  return DOCTOR_CURL(curl_easy_getinfo)(easy, CURLINFO_ACTIVESOCKET, value);
}

static inline struct curl_slist *doctor_curl_slist_append(struct curl_slist *list, const char *text) {
  return DOCTOR_CURL(curl_slist_append)(list, text);
}

static inline void doctor_curl_slist_free_all(struct curl_slist *list) { DOCTOR_CURL(curl_slist_free_all)(list); }

static inline CURLM *doctor_curl_multi_init(void) { return DOCTOR_CURL(curl_multi_init)(); }

static inline CURLMcode doctor_curl_multi_cleanup(CURLM *multi) { return DOCTOR_CURL(curl_multi_cleanup)(multi); }

static inline CURLMcode doctor_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return DOCTOR_CURL(curl_multi_setopt)(multi, option, value);
}

static inline CURLMcode doctor_curl_multi_add_handle(CURLM *multi, CURL *easy) {
  return DOCTOR_CURL(curl_multi_add_handle)(multi, easy);
}

static inline CURLMcode doctor_curl_multi_remove_handle(CURLM *multi, CURL *easy) {
  return DOCTOR_CURL(curl_multi_remove_handle)(multi, easy);
}

static inline CURLMcode doctor_curl_multi_set_pointer(CURLM *multi, CURLMoption option, void *value) {
  return DOCTOR_CURL(curl_multi_setopt)(multi, option, value);
}

static inline CURLMcode doctor_curl_multi_set_socket_function(CURLM *multi, curl_socket_callback value) {
  return DOCTOR_CURL(curl_multi_setopt)(multi, CURLMOPT_SOCKETFUNCTION, value);
}

static inline CURLMcode doctor_curl_multi_set_timer_function(CURLM *multi, curl_multi_timer_callback value) {
  return DOCTOR_CURL(curl_multi_setopt)(multi, CURLMOPT_TIMERFUNCTION, value);
}

static inline CURLMcode doctor_curl_multi_socket_action(CURLM *multi, curl_socket_t socket, int events) {
  int running;
  return DOCTOR_CURL(curl_multi_socket_action)(multi, socket, events, &running);
}

static inline CURLMsg *doctor_curl_multi_info_read(CURLM *multi, int *remaining) {
  return DOCTOR_CURL(curl_multi_info_read)(multi, remaining);
}

static inline CURLU *doctor_curl_url(void) { return DOCTOR_CURL(curl_url)(); }

static inline void doctor_curl_url_cleanup(CURLU *url) { DOCTOR_CURL(curl_url_cleanup)(url); }

static inline CURLUcode doctor_curl_url_set(CURLU *url, CURLUPart part, const char *text) {
  return DOCTOR_CURL(curl_url_set)(url, part, text, 0);
}

static inline CURLUcode doctor_curl_url_get(CURLU *url, CURLUPart part, char **text, unsigned int flags) {
  return DOCTOR_CURL(curl_url_get)(url, part, text, flags);
}

static inline void doctor_curl_free(void *bytes) { DOCTOR_CURL(curl_free)(bytes); }

#endif
