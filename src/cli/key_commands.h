/// `majed key ...`: the root keys of the installation.
///
/// Why      A key that cannot be replaced is one that is never replaced; to do it must take one command.
/// Life     Functions of their options.
/// Threads  One thread at a time.
/// Not here What the keys are for, and how their file is kept (crypto/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/context.h"
#include "core/result.h"

#include <string>

namespace majed::cli {

/// Makes a key file where none is; empty: the configured one. Needs no configuration otherwise, and is not audited:
/// what signs the audit is what it makes. Errors: conflict (a file is there), those of writing.
[[nodiscard]] Result<void> generate_key(Context& context, const std::string& file);
/// Adds a root and puts what is stored sealed under it. Errors: those of the key file, the store and the audit; conflict
/// (a root was added, and something does not open).
[[nodiscard]] Result<void> rotate_key(Context& context);
/// Goes on with what a rotation left to do. Errors: as rotate_key.
[[nodiscard]] Result<void> reseal_texts(Context& context);
/// Errors: as store::SealWalk::retire, and of the audit.
[[nodiscard]] Result<void> retire_key(Context& context, const std::string& id);
/// With how many texts are under each, when the store can be read.
[[nodiscard]] Result<void> list_keys(Context& context);

}  // namespace majed::cli
