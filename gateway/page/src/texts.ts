// SPDX-License-Identifier: Apache-2.0
// Everything that the page says, in two languages.
import { computed, signal } from "@preact/signals";

const english = {
  language: "English",
  title: "Remove things from pictures",
  drop: "Drop pictures here, paste one, or choose files.",
  choose: "Choose pictures",
  example: "Try an example",
  privacy: "Pictures go to this server only, and are forgotten after a while.",
  pictures: "Pictures",
  add: "Add pictures",
  remove: "Remove this picture from the page",
  brush: "Brush",
  eraser: "Eraser",
  rectangle: "Rectangle",
  pan: "Move",
  size: "Brush size",
  grow: "Grow",
  growHelp: "The number of pixels by which the painted area grows before it is filled",
  soften: "Soften",
  softenHelp: "The width of the soft edge in pixels",
  undo: "Undo",
  redo: "Redo",
  clear: "Clear",
  loadMask: "Load mask",
  saveMask: "Save mask",
  maskToAll: "Use this mask for all pictures",
  run: "Remove",
  runAll: "Remove in all pictures",
  atOnce: "Run after each stroke",
  cancel: "Cancel",
  retry: "Try again",
  download: "Download",
  compare: "Compare",
  original: "Show the original while held",
  fit: "Fit",
  history: "Results",
  originalPicture: "Original",
  canvas: "The picture. Paint over what is to be removed. With the keyboard: the arrow keys move the brush, Enter starts and ends a stroke.",
  sending: "Sending",
  queued: (ahead: number, seconds: number) =>
    `Queued, ${ahead} ahead${seconds > 0 ? `, about ${seconds} s` : ""}`,
  running: (batch: number, device: string) => `Running in a batch of ${batch} on ${device}`,
  done: (total: number, batch: number, cached: boolean) =>
    cached ? `Done in ${total} ms: the same request had been computed before` : `Done in ${total} ms, in a batch of ${batch}`,
  cancelled: "Cancelled",
  waitAndRetry: (seconds: number) => `The service is busy. Trying again in ${seconds} s`,
  emptyMask: "Nothing is painted yet: paint over what is to be removed.",
  otherSize: (w: number, h: number) => `This mask has another size; it must be ${w} by ${h} pixels.`,
  notAPicture: (name: string) => `${name} is not a picture that this browser can show; JPEG, PNG and WebP files work.`,
  falsified: "This browser falsifies what is read from a picture (a privacy setting), so a mask file cannot be mixed with strokes.",
  unreachable: "The server cannot be reached. Your strokes are kept; try again.",
  lost: "The server does not know this task any more. Your strokes are kept; try again.",
  shortcuts: "Keys: B brush, E eraser, R rectangle, M move, [ and ] size, Ctrl+Z undo, Ctrl+Shift+Z redo, Ctrl+Enter remove, Esc cancel, O original, + and - zoom, 0 fit, Ctrl+S download. Alt or the right button erases; Shift draws straight lines.",
};

type Texts = typeof english;

const chinese: Texts = {
  language: "中文",
  title: "移除图片中的物体",
  drop: "把图片拖到这里、粘贴，或选择文件。",
  choose: "选择图片",
  example: "试用示例图片",
  privacy: "图片只发送到这台服务器，过一段时间后即被删除。",
  pictures: "图片",
  add: "添加图片",
  remove: "从页面移除此图片",
  brush: "画笔",
  eraser: "橡皮",
  rectangle: "矩形",
  pan: "移动",
  size: "画笔大小",
  grow: "扩展",
  growHelp: "填充前涂抹区域向外扩展的像素数",
  soften: "柔化",
  softenHelp: "柔和边缘的宽度（像素）",
  undo: "撤销",
  redo: "重做",
  clear: "清除",
  loadMask: "载入蒙版",
  saveMask: "保存蒙版",
  maskToAll: "将此蒙版用于所有图片",
  run: "移除",
  runAll: "处理所有图片",
  atOnce: "每笔之后立即处理",
  cancel: "取消",
  retry: "重试",
  download: "下载",
  compare: "对比",
  original: "按住显示原图",
  fit: "适合窗口",
  history: "结果",
  originalPicture: "原图",
  canvas: "图片。请涂抹要移除的部分。键盘操作：方向键移动画笔，回车键开始和结束一笔。",
  sending: "正在发送",
  queued: (ahead, seconds) => `排队中，前面还有 ${ahead} 个${seconds > 0 ? `，约 ${seconds} 秒` : ""}`,
  running: (batch, device) => `正在 ${device} 上处理，同批 ${batch} 个`,
  done: (total, batch, cached) =>
    cached ? `完成，用时 ${total} 毫秒：相同的请求此前已计算过` : `完成，用时 ${total} 毫秒，同批 ${batch} 个`,
  cancelled: "已取消",
  waitAndRetry: (seconds) => `服务繁忙，${seconds} 秒后重试`,
  emptyMask: "尚未涂抹：请涂抹要移除的部分。",
  otherSize: (w, h) => `蒙版尺寸不符，应为 ${w}×${h} 像素。`,
  notAPicture: (name) => `${name} 不是此浏览器能显示的图片；支持 JPEG、PNG 和 WebP。`,
  falsified: "此浏览器（因隐私设置）会篡改从图片读取的数据，因此蒙版文件不能与笔画混用。",
  unreachable: "无法连接服务器。笔画已保留，请重试。",
  lost: "服务器已不再保留此任务。笔画已保留，请重试。",
  shortcuts: "快捷键：B 画笔，E 橡皮，R 矩形，M 移动，[ 和 ] 大小，Ctrl+Z 撤销，Ctrl+Shift+Z 重做，Ctrl+Enter 移除，Esc 取消，O 原图，+ 和 - 缩放，0 适合窗口，Ctrl+S 下载。Alt 或右键擦除；Shift 画直线。",
};

export const tables = { en: english, zh: chinese };
export type Language = keyof typeof tables;

function preferred(): Language {
  const saved = localStorage.getItem("language");
  if (saved === "en" || saved === "zh") return saved;
  return navigator.language.startsWith("zh") ? "zh" : "en";
}

export const language = signal<Language>(preferred());
export const t = computed(() => tables[language.value]);

export function setLanguage(chosen: Language): void {
  language.value = chosen;
  localStorage.setItem("language", chosen);
  document.documentElement.lang = chosen;
}
