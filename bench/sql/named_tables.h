/// Tables for a statement whose own are not known: with the names that it uses.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace majed::bench {

/// `create table "T" ("A" varchar2(40), ...);` for each table that `sql`, of Oracle, reads. A column named with its table is
/// that table's; one named without is of every table. Empty when `sql` is not understood.
[[nodiscard]] std::string tables_named_in(const std::string& sql);

}  // namespace majed::bench
