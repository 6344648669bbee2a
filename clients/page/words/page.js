// What stands round the views.

export const page = {
  en: {
    views: { live: "Live", calibrate: "Calibrate", models: "Models", recordings: "Recordings", api: "API" },
    viewsLabel: "Views",
    streamsLabel: "Glove",
    streamOption: (stream, time) => `${stream}, since ${time}`,
    language: "Language",
    languages: { en: "English", ko: "한국어" },
    theme: "Appearance",
    themes: { system: "As the system", light: "Light", dark: "Dark" },
    unanswered: "The service did not answer.",
  },
  ko: {
    views: { live: "실시간", calibrate: "보정", models: "모델", recordings: "기록", api: "API" },
    viewsLabel: "보기",
    streamsLabel: "장갑",
    streamOption: (stream, time) => `${stream}, ${time}부터`,
    language: "언어",
    languages: { en: "English", ko: "한국어" },
    theme: "화면",
    themes: { system: "시스템 설정", light: "밝게", dark: "어둡게" },
    unanswered: "서비스가 응답하지 않았어요.",
  },
};
