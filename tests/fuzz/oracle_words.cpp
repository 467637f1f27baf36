// SPDX-License-Identifier: Apache-2.0
#include "fuzz/oracle_words.h"

#include "core/ascii.h"

#include <algorithm>
#include <cstddef>

namespace majed::fuzz {
namespace {

bool is_of_name(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '$' || c == '#' || static_cast<unsigned char>(c) >= 0x80;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

class Cutter {
public:
    explicit Cutter(std::string_view text) : text_(text) {}

    std::vector<OracleWord> run() {
        while (at_ < text_.size()) next();
        return std::move(words_);
    }

private:
    [[nodiscard]] char look(std::size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }
    /// To behind what is found, or to the end.
    void skip_behind(std::string_view what, std::size_t from) {
        const std::size_t found = text_.find(what, from);
        at_ = found == std::string_view::npos ? text_.size() : found + what.size();
    }

    void next() {
        const std::size_t begin = at_;
        const char c = look();
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v') {
            ++at_;
        } else if (text_.substr(at_, 2) == "--") {
            skip_behind("\n", at_);
        } else if (text_.substr(at_, 2) == "/*") {
            skip_behind("*/", at_ + 2);
        } else if (c == '"') {
            skip_behind("\"", at_ + 1);
            words_.push_back({OracleWordKind::quoted, std::string(text_.substr(begin + 1, at_ - begin - 2))});
        } else if (c == '\'') {
            string(begin);
        } else if (c == ':' && (is_of_name(look(1)) || look(1) == '"')) {
            bind();
        } else if (is_of_name(c)) {
            word(begin);
        } else {
            words_.push_back({OracleWordKind::other, std::string(1, text_[at_++])});
        }
    }

    void string(std::size_t begin) {
        do skip_behind("'", at_ + 1);
        while (look() == '\'');
        words_.push_back({OracleWordKind::other, std::string(text_.substr(begin, at_ - begin))});
    }

    void bind() {
        const std::size_t begin = at_++;
        if (look() == '"') {
            skip_behind("\"", at_ + 1);
        } else {
            while (is_of_name(look())) ++at_;
        }
        words_.push_back({OracleWordKind::bind, ascii_upper(text_.substr(begin, at_ - begin))});
    }

    void word(std::size_t begin) {
        while (is_of_name(look())) ++at_;
        const std::string word = ascii_upper(text_.substr(begin, at_ - begin));
        const bool literal = look() == '\'';
        if (literal && (word == "Q" || word == "NQ")) {
            constexpr std::string_view open = "[({<";
            constexpr std::string_view close = "])}>";
            const std::size_t pair = open.find(look(1));
            const char end = pair == std::string_view::npos ? look(1) : close[pair];
            skip_behind(std::string(1, end) + "'", at_ + 2);
            words_.push_back({OracleWordKind::other, std::string(text_.substr(begin, at_ - begin))});
        } else if (literal && word == "N") {
            string(begin);
        } else {
            const bool number = is_digit(word.front());
            words_.push_back({number ? OracleWordKind::other : OracleWordKind::name, word});
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<OracleWord> words_;
};

}  // namespace

std::vector<OracleWord> oracle_words(std::string_view text) {
    return Cutter(text).run();
}

}  // namespace majed::fuzz
