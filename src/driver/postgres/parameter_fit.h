/// Whether a value keeps its meaning when the server takes it for a parameter's type.
///
/// Why      A kept statement's parameters have the types its tables had when it was prepared. When another connection
///          made a column wider since, the server goes on reading values for the old type and casts them: `007` became
///          7, a time of day or an offset was dropped, and no error told. What does not fit the type to the letter is
///          given to a statement that was prepared anew.
/// Life     A free function.
/// Threads  Pure.
/// Not here Binding (bound_parameters.h), preparing anew (postgres_connection.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/value.h"
#include "driver/postgres/native_type.h"

namespace majed::driver::postgres {

/// False also where it cannot be told: types with more than one spelling of a value, types that are not known here.
[[nodiscard]] bool keeps_meaning(const Value& value, Oid type) noexcept;

}  // namespace majed::driver::postgres
