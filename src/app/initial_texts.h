/// The texts `majed init` writes.
///
/// Why      What a new operator reads first is kept where it can be read as a whole.
/// Life     Constants.
/// Threads  Any.
/// Not here Writing them (initial_files.h), reading them (settings.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace majed::app {

/// Common to all.
inline constexpr std::string_view configuration_head =
    R"toml(# Majed Vanna. Every key, with its default: docs/reference/configuration.md
# A value may be set by the environment too: server.listen is MAJED_SERVER_LISTEN.

[server]
listen = "127.0.0.1:8080"       # beyond loopback only behind a TLS proxy

[primary]
url = "sqlite:majed.db"         # users, clients, audit

[keys]
file = "majed.key"              # mode 0600; keep a copy: hash masks change without it

[audit]
reads = "best_effort"           # "strict": a read waits until its intent is on disk
)toml";

inline constexpr std::string_view configuration_empty = R"toml(
# A database that is asked through the gateway.
#
# [[sources]]
# name = "sales"
# url = "sqlite:sales.db"
# limits = { max_rows = 10000, max_bytes = "64MiB", statement_timeout = "30s" }

# Nobody sees anything of a table without a rule that names table and role.
#
# [[policies]]
# table = "CUSTOMERS"
# roles = ["normal"]
# rows = "REGION = :user.region"    # or "*", "none", "own_region", "region_based", "public_only"
# columns = []                      # all; or the ones shown
#
# [[masks]]
# table = "CUSTOMERS"
# column = "EMAIL"
# roles = ["normal"]
# with = "email"                    # null, email, partial(2,2), hash, constant:x, sql: expression
)toml";

inline constexpr std::string_view configuration_demo = R"toml(
[[sources]]
name = "sales"
url = "sqlite:sales.db"
limits = { max_rows = 10000, max_bytes = "64MiB", statement_timeout = "30s" }

# Nobody sees anything of a table without a rule that names table and role.

# Customers: by the attributes of the user, which the administrator sets.
[[policies]]
table = "CUSTOMERS"
roles = ["admin"]
rows = "*"

[[policies]]
table = "CUSTOMERS"
roles = ["superuser"]
rows = "region_based"             # REGION IN (:user.regions)

[[policies]]
table = "CUSTOMERS"
roles = ["normal"]
rows = "own_region"               # REGION = :user.region

[[policies]]
table = "CUSTOMERS"
roles = ["integration"]
rows = "public_only"              # all rows; columns that are not listed are NULL
columns = ["CUSTOMER_ID", "REGION", "CREATED_DATE"]

# Orders: through their customer. Tables inside a rule are the tables themselves, unfiltered.
[[policies]]
table = "ORDERS"
roles = ["admin"]
rows = "*"

[[policies]]
table = "ORDERS"
roles = ["superuser"]
rows = "CUSTOMER_ID IN (SELECT CUSTOMER_ID FROM CUSTOMERS WHERE REGION IN (:user.regions))"

[[policies]]
table = "ORDERS"
roles = ["normal"]
rows = "CUSTOMER_ID IN (SELECT CUSTOMER_ID FROM CUSTOMERS WHERE REGION = :user.region)"

[[policies]]
table = "ORDERS"
roles = ["integration"]
rows = "public_only"
columns = ["ORDER_ID", "CUSTOMER_ID", "ORDER_DATE", "STATUS"]

# Products: for admins and superusers; for the others the table does not exist.
[[policies]]
table = "PRODUCTS"
roles = ["admin", "superuser"]
rows = "*"

# Masks: what is shown instead of the value.
[[masks]]
table = "CUSTOMERS"
column = "EMAIL"
roles = ["normal"]
with = "email"

[[masks]]
table = "CUSTOMERS"
column = "PHONE"
roles = ["normal"]
with = "null"

[[masks]]
table = "CUSTOMERS"
column = "PHONE"
roles = ["superuser"]
with = "partial(0,4)"
)toml";

}  // namespace majed::app
