/// Encrypts the details of records that are not for every eye that sees the file.
///
/// Why      What people are and what they asked is personal; who copies the store's file must not read it.
/// Life     Outlives the trail and the readers that use it.
/// Threads  All methods may be called from any thread, and with no transaction of the store under way.
/// Not here The keys (app/ joins it to those of the store), which details are sensitive (who makes the record).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/secret.h"

#include <string>
#include <string_view>

namespace majed::audit {

class DetailSeal {
public:
    DetailSeal() = default;
    DetailSeal(const DetailSeal&) = delete;
    DetailSeal& operator=(const DetailSeal&) = delete;
    virtual ~DetailSeal() = default;

    /// Opens at the same place only. The answer is of letters, digits and `-_=.` alone. Errors: those of the keys.
    [[nodiscard]] virtual Result<std::string> seal(std::string_view place, std::string_view text) = 0;
    /// Errors: not_found (its key is gone), invalid_argument (not sealed for this place), those of the keys.
    [[nodiscard]] virtual Result<Secret> open(std::string_view place, std::string_view sealed) = 0;
    /// Whether something can be sealed now. Errors: as seal.
    [[nodiscard]] virtual Result<void> prepare() = 0;
};

}  // namespace majed::audit
