// SPDX-License-Identifier: Apache-2.0
#include "sql/keyword.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace majed::sql {
namespace {

constexpr std::size_t longest = 18;  // connect_by_iscycle

/// A word in lower case; a trailing underscore of the enumerator's name is not part of it.
constexpr std::string_view word_of(std::string_view enumerator) noexcept {
    if (enumerator.ends_with('_')) enumerator.remove_suffix(1);
    return enumerator;
}

constexpr std::array<std::string_view, keyword_count> words{
    std::string_view(),
#define MAJED_KEYWORD(name, sqlite, postgres, oracle) word_of(#name),
#include "sql/keywords.inc"
#undef MAJED_KEYWORD
};

// The letters of keywords.inc.
constexpr KeywordUses x{};
constexpr KeywordUses r{.keyword = true, .label = true};
constexpr KeywordUses ra{.keyword = true};
constexpr KeywordUses n{.keyword = true, .name = true, .function = true, .label = true};
constexpr KeywordUses na{.keyword = true, .name = true, .function = true};
constexpr KeywordUses j{.keyword = true, .join = true};
constexpr KeywordUses u = n;
constexpr KeywordUses ua = na;
constexpr KeywordUses c{.keyword = true, .name = true, .label = true};
constexpr KeywordUses ca{.keyword = true, .name = true};
constexpr KeywordUses t{.keyword = true, .function = true, .label = true};
constexpr KeywordUses ta{.keyword = true, .function = true};

/// SQLite and Oracle take no reserved word for a label.
constexpr KeywordUses without_reserved_labels(KeywordUses uses) noexcept {
    uses.label = uses.label && uses.name;
    return uses;
}

constexpr KeywordTable of_sqlite{
    x,
#define MAJED_KEYWORD(name, sqlite, postgres, oracle) without_reserved_labels(sqlite),
#include "sql/keywords.inc"
#undef MAJED_KEYWORD
};

constexpr KeywordTable of_postgres{
    x,
#define MAJED_KEYWORD(name, sqlite, postgres, oracle) postgres,
#include "sql/keywords.inc"
#undef MAJED_KEYWORD
};

constexpr KeywordTable of_oracle{
    x,
#define MAJED_KEYWORD(name, sqlite, postgres, oracle) without_reserved_labels(oracle),
#include "sql/keywords.inc"
#undef MAJED_KEYWORD
};

constexpr char fold(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr std::size_t slots = 2048;
static_assert(keyword_count < slots / 4);

constexpr std::size_t slot_of(std::string_view word) noexcept {
    std::uint32_t hash = 2166136261U;
    for (const char c : word) hash = (hash ^ static_cast<unsigned char>(fold(c))) * 16777619U;
    return (hash ^ (hash >> 15)) & (slots - 1);
}

/// Open addressing, built by the compiler: slot -> place in `words`, 0 for a vacant slot.
constexpr std::array<std::uint16_t, slots> table_of_slots = [] {
    std::array<std::uint16_t, slots> result{};
    for (std::size_t i = 1; i < words.size(); ++i) {
        std::size_t slot = slot_of(words[i]);
        while (result[slot] != 0) slot = (slot + 1) & (slots - 1);
        result[slot] = static_cast<std::uint16_t>(i);
    }
    return result;
}();

constexpr std::array<std::array<char, longest>, keyword_count> capitals = [] {
    std::array<std::array<char, longest>, keyword_count> result{};
    for (std::size_t i = 0; i < words.size(); ++i) {
        for (std::size_t c = 0; c < words[i].size(); ++c) {
            const char lower = words[i][c];
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

const KeywordTable& sqlite_keywords() noexcept {
    return of_sqlite;
}

const KeywordTable& postgres_keywords() noexcept {
    return of_postgres;
}

const KeywordTable& oracle_keywords() noexcept {
    return of_oracle;
}

Keyword keyword_from(std::string_view word) noexcept {
    if (word.size() < 2 || word.size() > longest) return Keyword::none;
    for (std::size_t slot = slot_of(word); table_of_slots[slot] != 0; slot = (slot + 1) & (slots - 1)) {
        const std::string_view known = words[table_of_slots[slot]];
        if (known.size() == word.size() && same_word(known, word))
            return static_cast<Keyword>(table_of_slots[slot]);
    }
    return Keyword::none;
}

std::string_view keyword_name(Keyword keyword) noexcept {
    const auto place = static_cast<std::size_t>(keyword);
    return {capitals[place].data(), words[place].size()};
}

}  // namespace majed::sql
