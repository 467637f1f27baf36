// SPDX-License-Identifier: Apache-2.0
#include "fuzz/kept_text.h"

#include "core/ascii.h"

#include <cstddef>
#include <vector>

namespace majed::fuzz {
namespace {

struct Word {
    std::string_view blanks;  ///< Before it.
    std::string_view text;
    bool comment = false;  ///< Of a comment; of what looks like one in a string, too.
};

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

bool is_of_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

/// The last is empty, with the blanks at the end.
std::vector<Word> words_of(std::string_view text) {
    std::vector<Word> words;
    std::size_t at = 0;
    while (true) {
        const std::size_t begin = at;
        while (at < text.size() && is_blank(text[at])) ++at;
        const std::size_t word = at;
        while (at < text.size() && is_of_word(text[at])) ++at;
        if (at == word && at < text.size()) ++at;
        words.push_back({text.substr(begin, word - begin), text.substr(word, at - word)});
        if (at == word) return words;
    }
}

void mark_comments(std::vector<Word>& words) {
    std::size_t depth = 0;
    bool line = false;
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        Word& word = words[i];
        const bool pairs = words[i + 1].blanks.empty();
        const std::string pair = pairs ? std::string(word.text) + std::string(words[i + 1].text) : "";
        if (word.blanks.find_first_of("\n\r") != std::string_view::npos) line = false;
        if (depth == 0 && pair == "--") line = true;
        if (!line && pair == "/*") ++depth;
        word.comment = line || depth > 0;
        if (depth == 0 || pair != "*/") continue;
        words[++i].comment = true;
        --depth;
    }
}

/// How what was read so far of both texts ends.
struct Ways {
    bool together = false;  ///< With one word of both.
    bool put_in = false;    ///< With one of what was made alone.
    bool taken_out = false;
    [[nodiscard]] bool apart() const { return put_in || taken_out; }
    [[nodiscard]] bool any() const { return together || apart(); }
};

}  // namespace

bool keeps_text(std::string_view text, std::string_view made, const std::set<std::string>& replaceable) {
    std::vector<Word> from = words_of(text);
    const std::vector<Word> to = words_of(made);
    mark_comments(from);
    // Of the words of `from` before one of them: for each number of words of `to`.
    std::vector<Ways> ways(to.size() + 1);
    ways[0].together = true;
    for (const Word& word : from) {
        const bool may_go = replaceable.contains(ascii_lower(word.text));
        std::vector<Ways> next(to.size() + 1);
        for (std::size_t j = 0; j < to.size(); ++j) {
            if (!ways[j].any()) continue;
            ways[j + 1].put_in = true;
            // A comment goes with the names that it stands between.
            if (may_go || (word.comment && ways[j].taken_out)) next[j].taken_out = true;
            if (word.text == to[j].text && (ways[j].apart() || word.blanks == to[j].blanks))
                next[j + 1].together = true;
        }
        ways = std::move(next);
    }
    return ways[to.size()].together;  // Both end with an empty word.
}

}  // namespace majed::fuzz
