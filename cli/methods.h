// The methods that the client calls, by their paths.
#pragma once

namespace seawall::cli {

inline constexpr char kSubmitContact[] =
    "seawall.referrals.v1.ReferralsService/SubmitContact";
inline constexpr char kSubmitContacts[] =
    "seawall.referrals.v1.ReferralsService/SubmitContacts";
inline constexpr char kGetContact[] =
    "seawall.referrals.v1.ReferralsService/GetContact";
inline constexpr char kFindContacts[] =
    "seawall.referrals.v1.ReferralsService/FindContacts";
inline constexpr char kListContacts[] =
    "seawall.referrals.v1.ReferralsService/ListContacts";
inline constexpr char kDecideContact[] =
    "seawall.referrals.v1.ReferralsService/DecideContact";
inline constexpr char kReturnContact[] =
    "seawall.referrals.v1.ReferralsService/ReturnContact";
inline constexpr char kAnswerReturn[] =
    "seawall.referrals.v1.ReferralsService/AnswerReturn";
inline constexpr char kConfirmContact[] =
    "seawall.referrals.v1.ReferralsService/ConfirmContact";
inline constexpr char kGetMyContact[] =
    "seawall.referrals.v1.ReferralsService/GetMyContact";
inline constexpr char kAcknowledgeOutcome[] =
    "seawall.referrals.v1.ReferralsService/AcknowledgeOutcome";
inline constexpr char kAddToContact[] =
    "seawall.referrals.v1.ReferralsService/AddToContact";
inline constexpr char kWithdrawContact[] =
    "seawall.referrals.v1.ReferralsService/WithdrawContact";
inline constexpr char kMarkRecordedInError[] =
    "seawall.referrals.v1.ReferralsService/MarkRecordedInError";
inline constexpr char kReinstateContact[] =
    "seawall.referrals.v1.ReferralsService/ReinstateContact";
inline constexpr char kCorrectChild[] =
    "seawall.referrals.v1.ReferralsService/CorrectChild";
inline constexpr char kConfirmSameChild[] =
    "seawall.referrals.v1.ReferralsService/ConfirmSameChild";
inline constexpr char kCloseEpisode[] =
    "seawall.referrals.v1.ReferralsService/CloseEpisode";
inline constexpr char kOpenTriage[] =
    "seawall.referrals.v1.JourneyService/OpenTriage";
inline constexpr char kContribute[] =
    "seawall.referrals.v1.JourneyService/Contribute";
inline constexpr char kDecideTriage[] =
    "seawall.referrals.v1.JourneyService/DecideTriage";
inline constexpr char kSignOff[] =
    "seawall.referrals.v1.JourneyService/SignOff";
inline constexpr char kAgreeDecision[] =
    "seawall.referrals.v1.JourneyService/AgreeDecision";
inline constexpr char kGetTriage[] =
    "seawall.referrals.v1.JourneyService/GetTriage";
inline constexpr char kRaiseEscalation[] =
    "seawall.referrals.v1.JourneyService/RaiseEscalation";
inline constexpr char kAnswerEscalation[] =
    "seawall.referrals.v1.JourneyService/AnswerEscalation";
inline constexpr char kRecordStep[] =
    "seawall.referrals.v1.JourneyService/RecordStep";
inline constexpr char kGetAvailableActions[] =
    "seawall.referrals.v1.JourneyService/GetAvailableActions";
inline constexpr char kGetChronology[] =
    "seawall.referrals.v1.JourneyService/GetChronology";
inline constexpr char kListDue[] =
    "seawall.referrals.v1.JourneyService/ListDue";
inline constexpr char kImportChildren[] =
    "seawall.referrals.v1.JourneyService/ImportChildren";
inline constexpr char kListChildren[] =
    "seawall.referrals.v1.JourneyService/ListChildren";
inline constexpr char kStreamEvents[] =
    "seawall.waiting.v1.WaitingService/StreamEvents";
inline constexpr char kGetDashboard[] =
    "seawall.waiting.v1.WaitingService/GetDashboard";
inline constexpr char kGetCapacity[] =
    "seawall.waiting.v1.WaitingService/GetCapacity";
inline constexpr char kRequestForecast[] =
    "seawall.waiting.v1.WaitingService/RequestForecast";
inline constexpr char kGetForecast[] =
    "seawall.waiting.v1.WaitingService/GetForecast";
inline constexpr char kGetWhatIf[] =
    "seawall.waiting.v1.WaitingService/GetWhatIf";
inline constexpr char kGetReferral[] =
    "seawall.waiting.v1.WaitingService/GetReferral";
inline constexpr char kConfirmSameReferral[] =
    "seawall.waiting.v1.WaitingService/ConfirmSameChild";
inline constexpr char kListSameChildCandidates[] =
    "seawall.waiting.v1.WaitingService/ListSameChildCandidates";
inline constexpr char kAnswerTransfer[] =
    "seawall.waiting.v1.WaitingService/AnswerTransfer";
inline constexpr char kListTransfers[] =
    "seawall.waiting.v1.WaitingService/ListTransfers";
inline constexpr char kListWaiting[] =
    "seawall.waiting.v1.WaitingService/ListWaiting";
inline constexpr char kGetFigures[] =
    "seawall.common.v1.FiguresService/GetFigures";
inline constexpr char kListMeasures[] =
    "seawall.common.v1.FiguresService/ListMeasures";
inline constexpr char kWhoAmI[] = "seawall.common.v1.OperationsService/WhoAmI";
inline constexpr char kVerifyCounters[] =
    "seawall.common.v1.OperationsService/VerifyCounters";
inline constexpr char kRebuildCounters[] =
    "seawall.common.v1.OperationsService/RebuildCounters";
inline constexpr char kVerifyAccessLog[] =
    "seawall.common.v1.OperationsService/VerifyAccessLog";
inline constexpr char kListAccess[] =
    "seawall.common.v1.OperationsService/ListAccess";

}  // namespace seawall::cli
