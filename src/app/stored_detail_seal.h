/// The seal of the audit's sensitive details, with the data keys of the primary store.
///
/// Why      The audit knows no store, and the store no audit.
/// Life     One per installation; outlives its trail and readers.
/// Threads  All methods may be called from any thread.
/// Not here The keys (store/data_keys.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audit/detail_seal.h"
#include "store/data_keys.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace majed::app {

class StoredDetailSeal final : public audit::DetailSeal {
public:
    StoredDetailSeal(std::string database_path, std::shared_ptr<store::StoreSeals> seals)
        : keys_(std::move(database_path), std::move(seals), store::audit_details) {}

    [[nodiscard]] Result<std::string> seal(std::string_view place, std::string_view text) override {
        return keys_.seal(place, text);
    }
    [[nodiscard]] Result<Secret> open(std::string_view place, std::string_view sealed) override {
        return keys_.open(place, sealed);
    }
    [[nodiscard]] Result<void> prepare() override { return keys_.prepare(); }

private:
    store::DataKeys keys_;
};

}  // namespace majed::app
