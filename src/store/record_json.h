/// Users, clients, sessions and conversations as JSON, without anything secret.
///
/// Why      The audit, the command line and HTTP show the same members under the same names.
/// Life     Pure functions.
/// Threads  Any.
/// Not here Reading JSON (api/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/json.h"
#include "store/primary_store.h"

#include <string>

namespace majed::store {

void append_user(format::JsonWriter& json, const User& user);
/// The members alone, for an object that has more.
void append_client_members(format::JsonWriter& json, const Client& client);
void append_client(format::JsonWriter& json, const Client& client);
void append_session(format::JsonWriter& json, const UserSession& session);

/// A text that does not open is null beside an `error`.
void append_turn(format::JsonWriter& json, const Turn& turn);
void append_conversation(format::JsonWriter& json, const Conversation& conversation);

[[nodiscard]] std::string user_json(const User& user);
/// For the journal: without the attributes, which tell what a person is, where that lies open.
[[nodiscard]] std::string user_image(const User& user, Sensitivity sensitivity);
[[nodiscard]] std::string client_json(const Client& client);

}  // namespace majed::store
