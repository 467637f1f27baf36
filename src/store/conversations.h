/// Conversations of users as values: what goes in, what comes out, how a list of them goes on.
///
/// Why      The store, the doors and the tests speak of one turn in the same words.
/// Life     Values.
/// Threads  Any.
/// Not here The table and its encryption (primary_conversations.cpp), cursors as text (api/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace majed::store {

inline constexpr std::size_t max_message_size = 64UL * 1024;
inline constexpr std::size_t max_response_size = 1024UL * 1024;
inline constexpr std::size_t max_tools_of_turn = 64;
inline constexpr std::size_t max_conversations_page = 100;
/// A page of turns ends after so many bytes as they are stored, however few turns these are.
inline constexpr std::size_t max_turns_page_size = 4UL * 1024 * 1024;
inline constexpr std::size_t title_characters = 80;

struct NewTurn {
    std::optional<std::string> session_id =
        {};                    ///< 1..255 characters, no control characters; absent: a new one.
    std::string message = {};  ///< 1..max_message_size bytes.
    std::optional<std::string> response = {};
    std::vector<std::string> tools_used = {};  ///< Each 1..255 characters, no control characters.
    std::optional<double> execution_time_ms = {};
};

/// A text that does not open is absent beside a `problem`; the rest is there.
struct Turn {
    std::int64_t id = 0;
    std::string session_id;
    std::optional<std::string> message;
    std::optional<std::string> response;
    std::vector<std::string> tools_used;
    std::optional<double> execution_time_ms;
    std::string created_at;
    std::optional<Error> problem = {};
};

struct Conversation {
    std::string session_id;
    std::optional<std::string> title;  ///< The begin of its first message; absent beside a `problem`.
    std::int64_t turns = 0;
    std::string created_at;  ///< Of its first turn that is still there.
    std::string updated_at;  ///< Of its last one.
    std::optional<Error> problem = {};
};

/// A list goes on as it was when it began: turns that came later move nothing.
struct ConversationsPlace {
    std::int64_t as_of = 0;   ///< No turn after this one.
    std::int64_t before = 0;  ///< Conversations whose last turn then was before this one.
};
struct ConversationsPage {
    std::vector<Conversation> items;
    std::optional<ConversationsPlace> next;
};

struct TurnsPage {
    std::vector<Turn> items;
    std::optional<std::int64_t> next;  ///< The id after which it goes on.
};

}  // namespace majed::store
