#pragma once

// CAF binds each side of a comparison to a reference in a statement of its own, so that a part of a temporary is gone
// when it is compared. Here both sides live until the comparison is done. Include after caf/test/unit_test.hpp.

#include <caf/test/unit_test.hpp>

#undef CAF_CHECK_FUNC
#define CAF_CHECK_FUNC(func, x_expr, y_expr)                                                                           \
  do {                                                                                                                 \
    [](const auto& x_val, const auto& y_val) {                                                                         \
      func comparator;                                                                                                 \
      static_cast<void>(::caf::test::detail::check(::caf::test::engine::current_test(), __FILE__, __LINE__,            \
                                                   CAF_FUNC_EXPR(func, x_expr, y_expr), false,                         \
                                                   comparator(x_val, y_val), x_val, y_val));                           \
    }((x_expr), (y_expr));                                                                                             \
    ::caf::test::engine::last_check_file(__FILE__);                                                                    \
    ::caf::test::engine::last_check_line(__LINE__);                                                                    \
  } while (false)
