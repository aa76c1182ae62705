// curl_easy_setopt, curl_easy_getinfo and curl_multi_setopt are variadic, which Swift can't import: one typed wrapper
// for each kind of argument that the transport passes.
#ifndef FLOWPANEL_DOCTOR_CCURL_SHIM_H
#define FLOWPANEL_DOCTOR_CCURL_SHIM_H

#include <curl/curl.h>

typedef size_t (*doctor_curl_callback)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode doctor_curl_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode doctor_curl_set_string(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode doctor_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode doctor_curl_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode doctor_curl_set_callback(CURL *easy, CURLoption option, doctor_curl_callback value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode doctor_curl_set_debug(CURL *easy, curl_debug_callback value) {
  return curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, value);
}

static inline CURLcode doctor_curl_get_long(CURL *easy, CURLINFO info, long *value) {
  return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode doctor_curl_get_offset(CURL *easy, CURLINFO info, curl_off_t *value) {
  return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode doctor_curl_get_string(CURL *easy, CURLINFO info, const char **value) {
  return curl_easy_getinfo(easy, info, (char **)value);
}

static inline CURLcode doctor_curl_get_socket(CURL *easy, curl_socket_t *value) {
  return curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, value);
}

static inline CURLMcode doctor_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}

#endif
