// SPDX-License-Identifier: Apache-2.0
#include "sql/keyword.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace majed::sql {
namespace {

enum class Use : std::uint8_t { reserved, name, joins };

struct Entry {
    std::string_view word;  // lower case
    Keyword keyword;
    Use use;
};

using enum Keyword;
using enum Use;

constexpr std::array entries{
    Entry{"abort", abort_, name},
    Entry{"action", action, name},
    Entry{"add", add, reserved},
    Entry{"after", after, name},
    Entry{"all", all, reserved},
    Entry{"alter", alter, reserved},
    Entry{"always", always, name},
    Entry{"analyze", analyze, name},
    Entry{"and", and_, reserved},
    Entry{"as", as, reserved},
    Entry{"asc", asc, name},
    Entry{"attach", attach, name},
    Entry{"autoincrement", autoincrement, reserved},
    Entry{"before", before, name},
    Entry{"begin", begin, name},
    Entry{"between", between, reserved},
    Entry{"by", by, name},
    Entry{"cascade", cascade, name},
    Entry{"case", case_, reserved},
    Entry{"cast", cast, name},
    Entry{"check", check, reserved},
    Entry{"collate", collate, reserved},
    Entry{"column", column, name},
    Entry{"commit", commit, reserved},
    Entry{"conflict", conflict, name},
    Entry{"constraint", constraint, reserved},
    Entry{"create", create, reserved},
    Entry{"cross", cross, joins},
    Entry{"current", current, name},
    Entry{"current_date", current_date, name},
    Entry{"current_time", current_time, name},
    Entry{"current_timestamp", current_timestamp, name},
    Entry{"database", database, name},
    Entry{"default", default_, reserved},
    Entry{"deferrable", deferrable, reserved},
    Entry{"deferred", deferred, name},
    Entry{"delete", delete_, reserved},
    Entry{"desc", desc, name},
    Entry{"detach", detach, name},
    Entry{"distinct", distinct, reserved},
    Entry{"do", do_, name},
    Entry{"drop", drop, reserved},
    Entry{"each", each, name},
    Entry{"else", else_, reserved},
    Entry{"end", end, name},
    Entry{"escape", escape, reserved},
    Entry{"except", except, reserved},
    Entry{"exclude", exclude, name},
    Entry{"exclusive", exclusive, name},
    Entry{"exists", exists, reserved},
    Entry{"explain", explain, name},
    Entry{"fail", fail, name},
    Entry{"filter", filter, name},
    Entry{"first", first, name},
    Entry{"following", following, name},
    Entry{"for", for_, name},
    Entry{"foreign", foreign, reserved},
    Entry{"from", from, reserved},
    Entry{"full", full, joins},
    Entry{"generated", generated, name},
    Entry{"glob", glob, name},
    Entry{"group", group, reserved},
    Entry{"groups", groups, name},
    Entry{"having", having, reserved},
    Entry{"if", if_, name},
    Entry{"ignore", ignore, name},
    Entry{"immediate", immediate, name},
    Entry{"in", in, reserved},
    Entry{"index", index, reserved},
    Entry{"indexed", indexed, name},
    Entry{"initially", initially, name},
    Entry{"inner", inner, joins},
    Entry{"insert", insert, reserved},
    Entry{"instead", instead, name},
    Entry{"intersect", intersect, reserved},
    Entry{"into", into, reserved},
    Entry{"is", is, reserved},
    Entry{"isnull", isnull, reserved},
    Entry{"join", join, reserved},
    Entry{"key", key, name},
    Entry{"last", last, name},
    Entry{"left", left, joins},
    Entry{"like", like, name},
    Entry{"limit", limit, reserved},
    Entry{"match", match, name},
    Entry{"materialized", materialized, name},
    Entry{"natural", natural, joins},
    Entry{"no", no, name},
    Entry{"not", not_, reserved},
    Entry{"nothing", nothing, reserved},
    Entry{"notnull", notnull, reserved},
    Entry{"null", null, reserved},
    Entry{"nulls", nulls, name},
    Entry{"of", of, name},
    Entry{"offset", offset, name},
    Entry{"on", on, reserved},
    Entry{"or", or_, reserved},
    Entry{"order", order, reserved},
    Entry{"others", others, name},
    Entry{"outer", outer, joins},
    Entry{"over", over, name},
    Entry{"partition", partition, name},
    Entry{"plan", plan, name},
    Entry{"pragma", pragma, name},
    Entry{"preceding", preceding, name},
    Entry{"primary", primary, reserved},
    Entry{"query", query, name},
    Entry{"raise", raise, name},
    Entry{"range", range, name},
    Entry{"recursive", recursive, name},
    Entry{"references", references, reserved},
    Entry{"regexp", regexp, name},
    Entry{"reindex", reindex, name},
    Entry{"release", release, name},
    Entry{"rename", rename, name},
    Entry{"replace", replace, name},
    Entry{"restrict", restrict_, name},
    Entry{"returning", returning, reserved},
    Entry{"right", right, joins},
    Entry{"rollback", rollback, name},
    Entry{"row", row, name},
    Entry{"rows", rows, name},
    Entry{"savepoint", savepoint, name},
    Entry{"select", select, reserved},
    Entry{"set", set, reserved},
    Entry{"table", table, reserved},
    Entry{"temp", temp, name},
    Entry{"temporary", temporary, name},
    Entry{"then", then, reserved},
    Entry{"ties", ties, name},
    Entry{"to", to, reserved},
    Entry{"transaction", transaction, reserved},
    Entry{"trigger", trigger, name},
    Entry{"unbounded", unbounded, name},
    Entry{"union", union_, reserved},
    Entry{"unique", unique, reserved},
    Entry{"update", update, reserved},
    Entry{"using", using_, reserved},
    Entry{"vacuum", vacuum, name},
    Entry{"values", values, reserved},
    Entry{"view", view, name},
    Entry{"virtual", virtual_, name},
    Entry{"when", when, reserved},
    Entry{"where", where, reserved},
    Entry{"window", window, name},
    Entry{"with", with, name},
    Entry{"without", without, name},
};

constexpr char fold(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr std::size_t slots = 1024;

constexpr std::size_t slot_of(std::string_view word) noexcept {
    std::uint32_t hash = 2166136261U;
    for (const char c : word) hash = (hash ^ static_cast<unsigned char>(fold(c))) * 16777619U;
    return (hash ^ (hash >> 15)) & (slots - 1);
}

constexpr std::uint8_t vacant = 255;
static_assert(entries.size() < vacant);

/// Open addressing, built by the compiler: slot -> index in `entries`.
constexpr std::array<std::uint8_t, slots> table_of_slots = [] {
    std::array<std::uint8_t, slots> result{};
    result.fill(vacant);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        std::size_t slot = slot_of(entries[i].word);
        while (result[slot] != vacant) slot = (slot + 1) & (slots - 1);
        result[slot] = static_cast<std::uint8_t>(i);
    }
    return result;
}();

constexpr std::array<Use, 256> use_of_keyword = [] {
    std::array<Use, 256> result{};
    for (const Entry& entry : entries) result[static_cast<std::size_t>(entry.keyword)] = entry.use;
    return result;
}();

constexpr std::size_t longest = 17;  // current_timestamp

constexpr std::array<std::array<char, longest>, entries.size()> capitals = [] {
    std::array<std::array<char, longest>, entries.size()> result{};
    for (std::size_t i = 0; i < entries.size(); ++i) {
        for (std::size_t c = 0; c < entries[i].word.size(); ++c) {
            const char lower = entries[i].word[c];
            result[i][c] = lower >= 'a' && lower <= 'z' ? static_cast<char>(lower - ('a' - 'A')) : lower;
        }
    }
    return result;
}();

constexpr bool same_word(std::string_view lower, std::string_view word) noexcept {
    for (std::size_t i = 0; i < lower.size(); ++i) {
        if (lower[i] != fold(word[i])) return false;
    }
    return true;
}

}  // namespace

Keyword keyword_from(std::string_view word) noexcept {
    if (word.size() < 2 || word.size() > longest) return Keyword::none;
    for (std::size_t slot = slot_of(word); table_of_slots[slot] != vacant; slot = (slot + 1) & (slots - 1)) {
        const Entry& entry = entries[table_of_slots[slot]];
        if (entry.word.size() == word.size() && same_word(entry.word, word)) return entry.keyword;
    }
    return Keyword::none;
}

std::string_view keyword_name(Keyword keyword) noexcept {
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (entries[i].keyword == keyword) return {capitals[i].data(), entries[i].word.size()};
    }
    return {};
}

bool usable_as_name(Keyword keyword) noexcept {
    return use_of_keyword[static_cast<std::size_t>(keyword)] == Use::name;
}

bool is_join_keyword(Keyword keyword) noexcept {
    return use_of_keyword[static_cast<std::size_t>(keyword)] == Use::joins;
}

}  // namespace majed::sql
