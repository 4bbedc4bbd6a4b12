# How tests run under a sanitizer (SEAWALL_SANITIZE; presets asan and tsan): every finding fails the test that made it.

set(SEAWALL_SUPPRESSIONS ${PROJECT_SOURCE_DIR}/tests/support)
# Tests that gRPC does not reach must be clean under ThreadSanitizer without any suppression.
set(SEAWALL_WITHOUT_GRPC base census child config counters ledger log metrics seal store support)

# seawall_sanitizer_options(folder out): what the environment of a folder's tests needs, as VARIABLE=value.
function(seawall_sanitizer_options folder out)
  set(options)
  if(SEAWALL_SANITIZE MATCHES "address")
    list(APPEND options
      "ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1"
      "UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1")
  endif()
  if(SEAWALL_SANITIZE MATCHES "thread")
    set(tsan "second_deadlock_stack=1:history_size=7")
    if(NOT folder IN_LIST SEAWALL_WITHOUT_GRPC)
      string(APPEND tsan ":ignore_noninstrumented_modules=1:suppressions=${SEAWALL_SUPPRESSIONS}/tsan.supp")
    endif()
    list(APPEND options "TSAN_OPTIONS=${tsan}")
  endif()
  set(${out} "${options}" PARENT_SCOPE)
endfunction()
