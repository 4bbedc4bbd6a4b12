// FeedService: the journal of this service for those that follow it.
#pragma once

#include <seawall/common/v1/feed.pb.h>

#include "libs/rpc/methods.h"
#include "libs/rpc/signed_heads.h"

namespace seawall::rpc {

class FeedService : public Service {
 public:
  explicit FeedService(const SignedHeads& heads) : heads_(heads) {}
  const google::protobuf::ServiceDescriptor& descriptor() const override;
  void Bind(Methods& methods) override;

  // The page after `position`, or after the request's where that is absent.
  // JOURNAL_CHANGED (kFailedPrecondition), BAD_POSITION (kInvalidArgument).
  Result<std::optional<Page>> Follow(Reading& reading,
                                     const common::v1::FollowRequest& request,
                                     std::optional<std::int64_t> position);

 private:
  const SignedHeads& heads_;
};

}  // namespace seawall::rpc
