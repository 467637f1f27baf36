/// Expected failures travel as values: `Result<T>` is either a T or an Error.
///
/// An alias, so that it can become std::expected when the compiler moves to C++23.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.h"

#include <boost/system/result.hpp>

namespace majed {

template <class T>
using Result = boost::system::result<T, Error>;

/// Called by Result::value() on an error, which is a bug of the caller: stops the process.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

}  // namespace majed

/// Runs an expression of type Result<void>; returns its error from the enclosing function.
#define MAJED_TRY(expression)                                          \
    do {                                                               \
        if (auto majed_try_result = (expression); !majed_try_result) { \
            return std::move(majed_try_result).error();                \
        }                                                              \
    } while (false)

/// Runs an expression of type Result<T> and moves the value into `target` (a declaration or an lvalue).
#define MAJED_TRY_ASSIGN_JOIN2(a, b) a##b
#define MAJED_TRY_ASSIGN_JOIN(a, b) MAJED_TRY_ASSIGN_JOIN2(a, b)
#define MAJED_TRY_ASSIGN(target, expression)                                   \
    auto MAJED_TRY_ASSIGN_JOIN(majed_try_, __LINE__) = (expression);           \
    if (!MAJED_TRY_ASSIGN_JOIN(majed_try_, __LINE__)) {                        \
        return std::move(MAJED_TRY_ASSIGN_JOIN(majed_try_, __LINE__)).error(); \
    }                                                                          \
    target = std::move(*MAJED_TRY_ASSIGN_JOIN(majed_try_, __LINE__))  // NOLINT(bugprone-macro-parentheses)
