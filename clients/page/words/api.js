// The texts of the API view.

export const api = {
  en: {
    heading: "The same from your own program",
    intro: "What this page just did, ready to copy. The whole interface is described at",
    language: "Language of the examples",
    copy: "Copy",
    copied: "Copied",
    copyFailed: "The browser does not allow copying; select the text instead.",
    watching: "Follow this glove",
    watchingNone: "Follow a glove (its name stands in the list of streams)",
    sending: "Be a glove",
    calls: "What you just did here",
    noCalls: "Nothing yet: edit the text, calibrate, or look at a recording, and come back.",
    tokenNote: "TOKEN stands for yours; it is never written here.",
  },
  ko: {
    heading: "내 프로그램에서도 똑같이",
    intro: "이 화면이 방금 한 일을 그대로 복사할 수 있어요. 전체 인터페이스 설명:",
    language: "예제의 언어",
    copy: "복사",
    copied: "복사했어요",
    copyFailed: "브라우저가 복사를 허용하지 않아요. 글을 직접 선택해 주세요.",
    watching: "이 장갑 따라가기",
    watchingNone: "장갑 따라가기 (이름은 스트림 목록에 있어요)",
    sending: "장갑이 되기",
    calls: "방금 여기서 한 일",
    noCalls: "아직 없어요. 글을 고치거나 보정하거나 기록을 본 뒤 다시 와 주세요.",
    tokenNote: "TOKEN 자리에 내 토큰을 넣으세요. 토큰은 여기에 적히지 않아요.",
  },
};
