/** One part of a message: text, a file or a location. */
export type ContentBlock = TextBlock | FileBlock | LocationBlock;

/** One part of a message to send: text, an uploaded file or a location. */
export type SendContentBlock = TextBlock | SendFileBlock | LocationBlock;

/** Text with its formatting. */
export interface TextBlock {
  /** Identifies the kind of block. */
  readonly type: "text";
  /** The pieces of the text, in order. */
  readonly children: TextNode[];
}

/** A geographic location. */
export interface LocationBlock {
  /** Identifies the kind of block. */
  readonly type: "location";
  /** Degrees north of the equator, from -90 to 90. */
  readonly latitude: number;
  /** Degrees east of Greenwich, from -180 to 180. */
  readonly longitude: number;
}

/** An opaque token that stands for an uploaded file. Only the session's upload methods make it. */
export type FileToken = string & {
  /** Distinguishes it from other strings. */
  readonly __causerieFileToken: true;
};

/** A file to send. */
export interface SendFileBlock {
  /** Identifies the kind of block. */
  readonly type: "file";
  /** The token that the upload of the file returned. */
  readonly fileToken: FileToken;
}

/** A file. `subtype` is its kind; it is absent if the kind is unknown. */
export type FileBlock = ImageBlock | VideoBlock | AudioBlock | VoiceBlock | GenericFileBlock;

/** An image file. */
export interface ImageBlock {
  /** Identifies the kind of block. */
  readonly type: "file";
  /** Identifies the kind of file. */
  readonly subtype: "image";
  /** Identifies the file, to send it again. */
  readonly fileToken: FileToken;
  /** The URL from which the file can be downloaded. */
  readonly url: string;
  /** The size of the file in bytes. */
  readonly size: number;
  /** The name of the file. */
  readonly filename: string;
  /** The width in pixels, if known. */
  readonly width?: number;
  /** The height in pixels, if known. */
  readonly height?: number;
}

/** A video file. */
export interface VideoBlock {
  /** Identifies the kind of block. */
  readonly type: "file";
  /** Identifies the kind of file. */
  readonly subtype: "video";
  /** Identifies the file, to send it again. */
  readonly fileToken: FileToken;
  /** The URL from which the file can be downloaded. */
  readonly url: string;
  /** The size of the file in bytes. */
  readonly size: number;
  /** The name of the file. */
  readonly filename: string;
  /** The width in pixels, if known. */
  readonly width?: number;
  /** The height in pixels, if known. */
  readonly height?: number;
  /** The duration in seconds, if known. */
  readonly duration?: number;
}

/** An audio file. */
export interface AudioBlock {
  /** Identifies the kind of block. */
  readonly type: "file";
  /** Identifies the kind of file. */
  readonly subtype: "audio";
  /** Identifies the file, to send it again. */
  readonly fileToken: FileToken;
  /** The URL from which the file can be downloaded. */
  readonly url: string;
  /** The size of the file in bytes. */
  readonly size: number;
  /** The name of the file. */
  readonly filename: string;
  /** The duration in seconds, if known. */
  readonly duration?: number;
}

/** A voice recording. */
export interface VoiceBlock {
  /** Identifies the kind of block. */
  readonly type: "file";
  /** Identifies the kind of file. */
  readonly subtype: "voice";
  /** Identifies the file, to send it again. */
  readonly fileToken: FileToken;
  /** The URL from which the file can be downloaded. */
  readonly url: string;
  /** The size of the file in bytes. */
  readonly size: number;
  /** The name of the file. */
  readonly filename: string;
  /** The duration in seconds, if known. */
  readonly duration?: number;
}

/** A file of any other kind. */
export interface GenericFileBlock {
  /** Identifies the kind of block. */
  readonly type: "file";
  /** Always absent: the kind of file is unknown. */
  readonly subtype?: undefined;
  /** Identifies the file, to send it again. */
  readonly fileToken: FileToken;
  /** The URL from which the file can be downloaded. */
  readonly url: string;
  /** The size of the file in bytes. */
  readonly size: number;
  /** The name of the file. */
  readonly filename: string;
}

/** Metadata for the upload of a file. */
export interface GenericFileMetadata {
  /** The name of the file. */
  filename: string;
}

/** Metadata for the upload of an image. */
export interface ImageFileMetadata {
  /** The name of the file. */
  filename: string;
  /** The width in pixels. */
  width?: number;
  /** The height in pixels. */
  height?: number;
}

/** Metadata for the upload of a video. */
export interface VideoFileMetadata {
  /** The name of the file. */
  filename: string;
  /** The width in pixels. */
  width?: number;
  /** The height in pixels. */
  height?: number;
  /** The duration in seconds. */
  duration?: number;
}

/** Metadata for the upload of an audio file. */
export interface AudioFileMetadata {
  /** The name of the file. */
  filename: string;
  /** The duration in seconds. */
  duration?: number;
}

/** Metadata for the upload of a voice recording. */
export interface VoiceRecordingFileMetadata {
  /** The name of the file. */
  filename: string;
  /** The duration in seconds. */
  duration?: number;
}

/**
 * A piece of text: a plain string, or a node. A server that is newer than this SDK may send nodes of other
 * types. So a `switch` over `type` should have a default branch, although this union does not need one: every
 * node has either a `text`, to be shown as it is, or `children`, to be shown without the node's own
 * formatting.
 */
export type TextNode =
  | string
  | MarkupNode
  | BulletListNode
  | BulletPointNode
  | CodeSpanNode
  | LinkNode
  | AutoLinkNode
  | ActionLinkNode
  | ActionButtonNode
  | CustomEmojiNode
  | MentionNode;

/** Text in bold, in italics or struck through. */
export interface MarkupNode {
  /** Identifies the kind of node. */
  readonly type: "bold" | "italic" | "strikethrough";
  /** The pieces of the text, in order. */
  readonly children: TextNode[];
}

/** A bulleted list. */
export interface BulletListNode {
  /** Identifies the kind of node. */
  readonly type: "bulletList";
  /** The points of the list. */
  readonly children: TextNode[];
}

/** A point of a bulleted list. */
export interface BulletPointNode {
  /** Identifies the kind of node. */
  readonly type: "bulletPoint";
  /** The pieces of the text, in order. */
  readonly children: TextNode[];
}

/** Code, to be shown as it is. */
export interface CodeSpanNode {
  /** Identifies the kind of node. */
  readonly type: "codeSpan";
  /** The code, without the markup around it. */
  readonly text: string;
}

/** A link with a text of its own. Only backends can send it. */
export interface LinkNode {
  /** Identifies the kind of node. */
  readonly type: "link";
  /** The URL that the link opens. */
  readonly url: string;
  /** The pieces of the text, in order. */
  readonly children: TextNode[];
}

/** A URL, e-mail address or phone number that was found in a text. */
export interface AutoLinkNode {
  /** Identifies the kind of node. */
  readonly type: "autoLink";
  /** The URL that the link opens. */
  readonly url: string;
  /** The URL, e-mail address or phone number as it was written. */
  readonly text: string;
}

/** A link that triggers an action of the app. Only backends can send it. */
export interface ActionLinkNode {
  /** Identifies the kind of node. */
  readonly type: "actionLink";
  /** The name of the action, which the app defines. */
  readonly action: string;
  /** The parameters of the action. */
  readonly params: Record<string, string>;
  /** The pieces of the text, in order. */
  readonly children: TextNode[];
}

/** A button that triggers an action of the app. Only backends can send it. */
export interface ActionButtonNode {
  /** Identifies the kind of node. */
  readonly type: "actionButton";
  /** The name of the action, which the app defines. */
  readonly action: string;
  /** The parameters of the action. */
  readonly params: Record<string, string>;
  /** The pieces of the text, in order. */
  readonly children: TextNode[];
}

/** A custom emoji of the app. */
export interface CustomEmojiNode {
  /** Identifies the kind of node. */
  readonly type: "customEmoji";
  /** The name of the emoji between colons. */
  readonly text: string;
}

/** A mention of a user. */
export interface MentionNode {
  /** Identifies the kind of node. */
  readonly type: "mention";
  /** The user's ID. */
  readonly id: string;
  /** The user's name as it was written. */
  readonly text: string;
}
