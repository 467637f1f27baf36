// SPDX-License-Identifier: Apache-2.0
// Windows: WINDOW, OVER, frames.
#include "sql/grammar.h"

namespace majed::sql {

/// WINDOW is a keyword only before `name AS` (tokenize.c analyzeWindowKeyword).
bool Grammar::at_window_clause() const noexcept {
    return at(Keyword::window) && (at_identifier(1) || dialect_.uses(peek(1).keyword).join) &&
           peek(2).keyword == Keyword::as;
}

bool Grammar::window_clause(Core& core) {
    ++at_;
    do {
        Name window_name;
        if (!name(window_name, "a window name") || !expect(Keyword::as) || !open_paren()) {
            return false;
        }
        Window* window = window_definition();
        if (window == nullptr) return false;
        window->name = window_name;
        core.windows.append(window);
    } while (comma());
    return true;
}

Window* Grammar::over_clause() {
    if (accept(TokenKind::left_paren, "\"(\"")) return window_definition();
    Window* window = node<Window>();
    if (window == nullptr || !name(window->name, "a window name")) return nullptr;
    window->reference_only = true;
    window->span = window->name.span;
    return window;
}

/// Inside the parentheses, which the caller has opened.
Window* Grammar::window_definition() {
    const std::uint32_t begin = begin_offset();
    Window* window = node<Window>();
    if (window == nullptr) return nullptr;
    const bool clause = at(Keyword::partition) || at(Keyword::order) || at(Keyword::range) ||
                        at(Keyword::rows) || at(Keyword::groups);
    if (!clause && at_name()) window->base = take_name();
    if (accept(Keyword::partition)) {
        if (!expect(Keyword::by) || !expression_list(window->partition_by)) return nullptr;
    }
    if (accept(Keyword::order)) {
        if (!expect(Keyword::by) || !order_terms(window->order_by)) return nullptr;
    }
    if (!window_frame(*window)) return nullptr;
    window->span = since(begin);
    return close_paren() ? window : nullptr;
}

bool Grammar::window_frame(Window& window) {
    if (!accept(Keyword::range) && !accept(Keyword::rows) && !accept(Keyword::groups)) return true;
    if (accept(Keyword::between)) {
        if (!frame_bound(window.frame_start, Keyword::preceding) || !expect(Keyword::and_) ||
            !frame_bound(window.frame_end, Keyword::following)) {
            return false;
        }
    } else if (!frame_bound(window.frame_start, Keyword::preceding)) {
        return false;
    }
    if (!accept(Keyword::exclude)) return true;
    if (accept(Keyword::no)) return expect(Keyword::others);
    if (accept(Keyword::current)) return expect(Keyword::row);
    return accept(Keyword::group) || accept(Keyword::ties) || fail("NO OTHERS");
}

/// `unbounded_side`: the only side on which this bound may be open.
bool Grammar::frame_bound(Expr*& into, Keyword unbounded_side) {
    if (accept(Keyword::unbounded)) return expect(unbounded_side);
    if (at(Keyword::current) && peek(1).keyword == Keyword::row) {
        at_ += 2;
        return true;
    }
    into = expression();
    if (into == nullptr) return false;
    return accept(Keyword::preceding) || accept(Keyword::following) || fail("PRECEDING or FOLLOWING");
}

}  // namespace majed::sql
