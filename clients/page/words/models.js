// The texts of the models view.

const scaleOf = ({ scale_importance: importance }, names) => {
  const [first] = Object.entries(importance).toSorted(([, a], [, b]) => b - a);
  return first === undefined ? "" : names[first[0]];
};
const rounded = (norm) => norm.toFixed(2);
const signed = (share) => `${share < 0 ? "−" : "+"}${Math.abs(share).toFixed(0)} %`;
const megabytes = (bytes) => (bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
const milliseconds = (ms) => `${ms.toFixed(2)} ms`;
const percent = (share) => `${share.toFixed(1)} %`;
const sure = (confidence) => `${Math.round(100 * confidence)} %`;
const second = (ms) => (ms / 1000).toFixed(1);
const span = (from, to) => (from === to ? second(from) : `${second(from)}–${second(to)}`);

const en = {
  heading: "Models",
  intro:
    "Accuracy as each was measured: trained without the part it is tested on, mean over three seeds ± their spread. The random split flatters: its test hands were in training. Time is for one full window on this service.",
  name: "Model",
  columns: {
    parameters: "Weights",
    file_bytes: "File",
    window_ms: "A window takes",
    leave_one_style_out: "Held in a new way",
    cross_user: "New wearer",
    self_calibration: "New wearer, learned while signing",
    few_shot_3_any_bend: "New wearer, 3 examples a letter",
    random: "Random split",
  },
  costs: {
    parameters: (count) => count.toLocaleString("en"),
    file_bytes: (bytes) => (bytes === null ? en.unmeasured : megabytes(bytes)),
    window_ms: (ms) => (ms === null ? en.unmeasured : milliseconds(ms)),
  },
  percent,
  unmeasured: "not measured",
  isDefault: "the default",
  use: "Use",
  useLong: (model) => `Use ${model} for this glove`,
  madeFrom: "accuracy as of the float32 model it was made from",
  answers: "answers this glove",
  switched: (model) => `${model} answers this glove now.`,

  importanceHeading: "What the weights listen to",
  importanceIntro:
    "Norms of the weights at each gate's input, by time scale: on the left before training, on the right after it. They tell what a network attends to on the whole, not what decided one letter.",
  importanceOf: "Model",
  layerName: (number) => `Layer ${number}`,
  gates: { update_gate: "update gate", reset_gate: "reset gate", hidden_gate: "hidden gate" },
  change: (from, to) => `${rounded(from)} → ${rounded(to)} (${signed(100 * (to / from - 1))})`,
  unknownStart: (to) => `${rounded(to)}; its beginning is not known`,

  comparingHeading: "Two models on this glove",
  comparingIntro: "Both get the same frames from the same moment on, and neither knows the wearer.",
  sideName: (number) => (number === 1 ? "First" : "Second"),
  sidePlot: (number) => `Letters and time scales over time, ${number === 1 ? "first" : "second"} model`,
  compare: "Compare",
  stop: "Stop comparing",
  waiting: (isHeard) => (isHeard ? "Collecting the first windows …" : "No glove is heard just now."),
  agreement: (same, windows) =>
    `The same answer in ${same.toLocaleString("en")} of ${windows.toLocaleString("en")} windows (${percent((100 * same) / windows)})`,
  confidence: sure,
  differHeading: "Where they differ: first · second",
  noDifference: "Nowhere so far.",
  said: (prediction) => {
    if (prediction.label === null) return "no letter";
    const scale = scaleOf(prediction, { 3: "short", 5: "medium", 7: "long" });
    return `${prediction.label} ${sure(prediction.confidence)} (${scale})`;
  },
  difference: (from, to, first, other) => `${span(from, to)} s: ${first} · ${other}`,
};

const ko = {
  heading: "모델",
  intro:
    "정확도는 시험할 부분을 빼고 학습해서 잰 값이에요. 시드 세 개의 평균 ± 퍼짐이에요. 무작위 분할은 시험하는 손이 학습에도 있어서 실제보다 높게 나와요. 시간은 이 서비스에서 창 하나를 답하는 데 걸린 시간이에요.",
  name: "모델",
  columns: {
    parameters: "가중치",
    file_bytes: "파일",
    window_ms: "창 하나에 걸리는 시간",
    leave_one_style_out: "처음 보는 손 모양",
    cross_user: "새 사용자",
    self_calibration: "새 사용자, 쓰는 동안 스스로 보정",
    few_shot_3_any_bend: "새 사용자, 글자마다 예시 3개",
    random: "무작위 분할",
  },
  costs: {
    parameters: (count) => `${count.toLocaleString("ko")}개`,
    file_bytes: (bytes) => (bytes === null ? ko.unmeasured : megabytes(bytes)),
    window_ms: (ms) => (ms === null ? ko.unmeasured : milliseconds(ms)),
  },
  percent,
  unmeasured: "재지 않았어요",
  isDefault: "기본 모델",
  use: "쓰기",
  useLong: (model) => `이 장갑에 ${model} 쓰기`,
  madeFrom: "정확도는 바탕이 된 float32 모델에서 잰 값이에요",
  answers: "이 장갑에 답하는 중",
  switched: (model) => `이제 ${model} 모델이 이 장갑에 답해요.`,

  importanceHeading: "가중치가 귀 기울이는 시간 규모",
  importanceIntro:
    "게이트마다 입력 가중치의 노름을 시간 규모별로 보여 줘요. 왼쪽은 학습 전, 오른쪽은 학습 후예요. 신경망이 전체적으로 무엇을 보는지 알려 줄 뿐, 글자 하나를 무엇이 정했는지는 아니에요.",
  importanceOf: "모델",
  layerName: (number) => `${number}층`,
  gates: { update_gate: "업데이트 게이트", reset_gate: "리셋 게이트", hidden_gate: "후보 상태" },
  change: en.change,
  unknownStart: (to) => `${rounded(to)}, 처음 값은 알 수 없어요`,

  comparingHeading: "이 장갑에 두 모델을 함께",
  comparingIntro: "두 모델이 같은 순간부터 같은 프레임을 받아요. 어느 쪽도 사용자의 보정을 쓰지 않아요.",
  sideName: (number) => (number === 1 ? "첫째" : "둘째"),
  sidePlot: (number) => `시간에 따른 글자와 시간 규모, ${number === 1 ? "첫째" : "둘째"} 모델`,
  compare: "비교하기",
  stop: "비교 끝내기",
  waiting: (isHeard) => (isHeard ? "첫 창을 모으고 있어요 …" : "지금은 들리는 장갑이 없어요."),
  agreement: (same, windows) =>
    `창 ${windows.toLocaleString("ko")}개 가운데 ${same.toLocaleString("ko")}개에서 답이 같아요 (${percent((100 * same) / windows)})`,
  confidence: sure,
  differHeading: "답이 다른 곳: 첫째 · 둘째",
  noDifference: "아직 없어요.",
  said: (prediction) => {
    if (prediction.label === null) return "글자 없음";
    const scale = scaleOf(prediction, { 3: "짧게", 5: "중간", 7: "길게" });
    return `${prediction.label} ${sure(prediction.confidence)} (${scale})`;
  },
  difference: (from, to, first, other) => `${span(from, to)}초: ${first} · ${other}`,
};

export const models = { en, ko };
