#include <caf/test/unit_test.hpp>
#include <caf/test/unit_test_impl.hpp>
