/// A small schema of a server with rules of every kind, and what the gateway would send there of a text.
///
/// Why      The judges of PostgreSQL's and Oracle's rewriting ask the same thing about the same tables.
/// Life     Owns the compiled rules and two parsers, as a thread of the gateway does.
/// Threads  One thread at a time.
/// Not here Whether what is sent is right (postgres_rewrite_oracle.h, oracle_rewrite_oracle.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/attributes.h"
#include "core/result.h"
#include "rewrite/enforcement.h"
#include "rewrite/rewriter.h"
#include "sql/dialect.h"
#include "sql/parser.h"
#include "sql/resolver.h"

#include <memory>
#include <string>
#include <string_view>

namespace majed::fuzz {

/// The name that no statement can guess; texts that have it are no statements of users.
inline constexpr std::string_view nonce_text = "g_0123456789abcdef0123456789abcdef";

class GovernedServer {
public:
    explicit GovernedServer(sql::DialectId dialect);

    /// As the gateway would send it for a principal with these attributes.
    /// Errors: the gateway's own; `internal`: it cannot verify what it made.
    [[nodiscard]] Result<rewrite::Rewritten> send(std::string_view text, const Attributes& attributes);

    /// Those of who has all that the rules ask for.
    [[nodiscard]] static Attributes known();

private:
    std::shared_ptr<const rewrite::Enforcement> enforcement_;
    sql::Parser parser_;
    sql::Parser verifier_;
    sql::Resolution resolution_;
};

}  // namespace majed::fuzz
