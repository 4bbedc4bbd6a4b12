#include "cli/children.h"

#include "cli/methods.h"

namespace seawall::cli {

using referrals::v1::ListChildrenRequest;
using referrals::v1::ListChildrenResponse;

Result<void> EachChild(
    Session& session, Date start, Date end,
    const std::function<Result<void>(referrals::v1::ChildRecord)>& take) {
  ListChildrenRequest request;
  request.set_start_date(FormatDate(start));
  request.set_end_date(FormatDate(end));
  request.set_page_size(100);
  do {
    TRY(ListChildrenResponse page,
        session.Ask<ListChildrenResponse>(kListChildren, request));
    for (auto& child : *page.mutable_children())
      TRY_VOID(take(std::move(child)));
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return {};
}

}  // namespace seawall::cli
