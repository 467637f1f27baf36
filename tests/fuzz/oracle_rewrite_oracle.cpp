// SPDX-License-Identifier: Apache-2.0
#include "fuzz/oracle_rewrite_oracle.h"

#include "core/ascii.h"
#include "fuzz/kept_text.h"
#include "fuzz/oracle_reads.h"

#include <algorithm>
#include <map>
#include <set>

namespace majed::fuzz {
namespace {

/// Words that a rule may stand in the place of, or that move into it; a semicolon is not sent.
const std::set<std::string> replaceable{"t", "u", "w", "v", "m", "shop", "s", ".", "\"", ";"};

/// What may be named itself.
const std::set<std::string> open_to_all{"SHOP.FREE", "S.OPEN", "SHOP.DUAL", "SYS.DUAL"};

std::string compare(const std::map<std::string, int>& named, const OracleReads& sent) {
    for (const auto& [table, count] : sent.direct) {
        if (!open_to_all.contains(table)) return "it reads " + table + " past its rule";
    }
    std::map<std::string, int> read = sent.direct;
    read.insert(sent.through.begin(), sent.through.end());
    return read == named ? "" : "it reads other tables than were named";
}

std::string without_semicolons(std::string_view text) {
    std::string result(text);
    result.erase(std::remove(result.begin(), result.end(), ';'), result.end());
    return result;
}

}  // namespace

OracleRewriteOracle::OracleRewriteOracle() : server_(sql::DialectId::oracle) {}

std::string OracleRewriteOracle::check(std::string_view text) {
    // Nobody can guess the name, nor what our binds begin with.
    const std::string begin = ascii_upper(nonce_text.substr(0, oracle_bind_prefix));
    if (ascii_upper(text).find(begin) != std::string::npos) return "";
    for (const Principal principal : {Principal::known, Principal::unknown}) {
        if (std::string broken = check(text, principal); !broken.empty()) return broken;
    }
    return "";
}

std::string OracleRewriteOracle::check(std::string_view text, Principal principal) {
    const auto made =
        server_.send(text, principal == Principal::known ? GovernedServer::known() : Attributes());
    if (!made) return made.error().code == ErrorCode::internal ? made.error().message : "";
    ++sent_;
    const auto told = [&made](const std::string& broken) {
        return broken.empty() ? "" : broken + ": " + made->sql;
    };
    OracleReads named(oracle_words(text), made->attributes, principal);
    named.run();
    OracleReads reads(oracle_words(made->sql), made->attributes, principal);
    reads.run();
    if (!reads.broken.empty()) return told(reads.broken);
    if (std::string broken = compare(named.direct, reads); !broken.empty()) return told(broken);
    const bool as_written = without_semicolons(made->sql) == without_semicolons(text);
    if (reads.through.empty()) return as_written ? "" : told("it has no rule and was changed");
    return keeps_text(text, made->sql, replaceable) ? "" : told("not all of the text was kept");
}

}  // namespace majed::fuzz
