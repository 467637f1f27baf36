/// The business database of the demonstration: customers, orders and products of a wholesaler.
///
/// Why      A stranger must see governed answers on data that looks real, the same on every machine.
/// Life     Pure functions of a path; the file is closed when they return.
/// Threads  Any, on different files.
/// Not here Users and policies of the demonstration (app/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

#include <string>

namespace majed::demo {

inline constexpr int customer_count = 2000;
inline constexpr int order_count = 50000;
inline constexpr int product_count = 200;

/// Makes a new SQLite file with CUSTOMERS, ORDERS and PRODUCTS. Errors: conflict (it exists), unavailable.
[[nodiscard]] Result<void> create_sales_database(const std::string& path);

}  // namespace majed::demo
