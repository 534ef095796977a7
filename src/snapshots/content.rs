//! What a message says: blocks, and the nodes of text.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** One part of a message: text, a file or a place. */
export type ContentBlock = TextBlock | FileBlock | LocationBlock;

/** One part of a message that is sent: text, an uploaded file or a place. */
export type SendContentBlock = TextBlock | SendFileBlock | LocationBlock;

/** Text with its formatting. */
export interface TextBlock {
  /** Tells the blocks apart. */
  readonly type: "text";
  /** The text, piece by piece. */
  readonly children: TextNode[];
}

/** A place on the globe. */
export interface LocationBlock {
  /** Tells the blocks apart. */
  readonly type: "location";
  /** Degrees north of the equator, from -90 to 90. */
  readonly latitude: number;
  /** Degrees east of Greenwich, from -180 to 180. */
  readonly longitude: number;
}

/** A file that was uploaded. Made by the session's upload methods, and by nobody else. */
export type FileToken = string & {
  /** Tells it from other strings. */
  readonly __causerieFileToken: true;
};

/** A file that is sent. */
export interface SendFileBlock {
  /** Tells the blocks apart. */
  readonly type: "file";
  /** What uploading the file gave. */
  readonly fileToken: FileToken;
}

/** A file. `subtype` tells what kind of file it is; it is absent where nothing more is known. */
export type FileBlock = ImageBlock | VideoBlock | AudioBlock | VoiceBlock | GenericFileBlock;

/** An image. */
export interface ImageBlock {
  /** Tells the blocks apart. */
  readonly type: "file";
  /** Tells the files apart. */
  readonly subtype: "image";
  /** Names the file, to send it again. */
  readonly fileToken: FileToken;
  /** Where the file is. */
  readonly url: string;
  /** Its size in bytes. */
  readonly size: number;
  /** Its name. */
  readonly filename: string;
  /** The width in pixels, where known. */
  readonly width?: number;
  /** The height in pixels, where known. */
  readonly height?: number;
}

/** A video. */
export interface VideoBlock {
  /** Tells the blocks apart. */
  readonly type: "file";
  /** Tells the files apart. */
  readonly subtype: "video";
  /** Names the file, to send it again. */
  readonly fileToken: FileToken;
  /** Where the file is. */
  readonly url: string;
  /** Its size in bytes. */
  readonly size: number;
  /** Its name. */
  readonly filename: string;
  /** The width in pixels, where known. */
  readonly width?: number;
  /** The height in pixels, where known. */
  readonly height?: number;
  /** How long it plays in seconds, where known. */
  readonly duration?: number;
}

/** A sound. */
export interface AudioBlock {
  /** Tells the blocks apart. */
  readonly type: "file";
  /** Tells the files apart. */
  readonly subtype: "audio";
  /** Names the file, to send it again. */
  readonly fileToken: FileToken;
  /** Where the file is. */
  readonly url: string;
  /** Its size in bytes. */
  readonly size: number;
  /** Its name. */
  readonly filename: string;
  /** How long it plays in seconds, where known. */
  readonly duration?: number;
}

/** A voice recording. */
export interface VoiceBlock {
  /** Tells the blocks apart. */
  readonly type: "file";
  /** Tells the files apart. */
  readonly subtype: "voice";
  /** Names the file, to send it again. */
  readonly fileToken: FileToken;
  /** Where the file is. */
  readonly url: string;
  /** Its size in bytes. */
  readonly size: number;
  /** Its name. */
  readonly filename: string;
  /** How long it plays in seconds, where known. */
  readonly duration?: number;
}

/** A file of any other kind. */
export interface GenericFileBlock {
  /** Tells the blocks apart. */
  readonly type: "file";
  /** Absent: nothing more is known of the file. */
  readonly subtype?: never;
  /** Names the file, to send it again. */
  readonly fileToken: FileToken;
  /** Where the file is. */
  readonly url: string;
  /** Its size in bytes. */
  readonly size: number;
  /** Its name. */
  readonly filename: string;
}

/** What is told of a file when it is uploaded. */
export interface GenericFileMetadata {
  /** The name of the file. */
  filename: string;
}

/** What is told of an image when it is uploaded. */
export interface ImageFileMetadata {
  /** The name of the file. */
  filename: string;
  /** The width in pixels. */
  width?: number;
  /** The height in pixels. */
  height?: number;
}

/** What is told of a video when it is uploaded. */
export interface VideoFileMetadata {
  /** The name of the file. */
  filename: string;
  /** The width in pixels. */
  width?: number;
  /** The height in pixels. */
  height?: number;
  /** How long it plays in seconds. */
  duration?: number;
}

/** What is told of a sound when it is uploaded. */
export interface AudioFileMetadata {
  /** The name of the file. */
  filename: string;
  /** How long it plays in seconds. */
  duration?: number;
}

/** What is told of a voice recording when it is uploaded. */
export interface VoiceRecordingFileMetadata {
  /** The name of the file. */
  filename: string;
  /** How long it plays in seconds. */
  duration?: number;
}

/**
 * A piece of text: bare, or a node. Servers may send nodes that are newer than this SDK: treat a `type` you do not know by
 * its `text` or its `children`, one of which each node has. (That is {@link UnknownTextNode} and
 * {@link UnknownParentNode}: a `switch` needs a default branch for them.)
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
  | MentionNode
  | UnknownTextNode
  | UnknownParentNode;

/**
 * The type of a node that this SDK is too old to know: any string that is none of the other types. TypeScript cannot say
 * so; a string that ends as none does keeps it apart from them, so that a `switch` tells all nodes apart.
 */
export type UnknownNodeType = `${string}\u0000`;

/** A node of a type that is newer than this SDK, with a text. */
export interface UnknownTextNode {
  /** A type that is none of the others'. */
  readonly type: UnknownNodeType;
  /** The text, to be shown as it is. */
  readonly text: string;
}

/** A node of a type that is newer than this SDK, with pieces of text in it. */
export interface UnknownParentNode {
  /** A type that is none of the others'. */
  readonly type: UnknownNodeType;
  /** The text, to be shown without what this node would do to it. */
  readonly children: TextNode[];
}

/** Text in bold, in italics or struck through. */
export interface MarkupNode {
  /** Tells the nodes apart. */
  readonly type: "bold" | "italic" | "strikethrough";
  /** The text. */
  readonly children: TextNode[];
}

/** A list with bullets. */
export interface BulletListNode {
  /** Tells the nodes apart. */
  readonly type: "bulletList";
  /** Its points. */
  readonly children: TextNode[];
}

/** A point of a list with bullets. */
export interface BulletPointNode {
  /** Tells the nodes apart. */
  readonly type: "bulletPoint";
  /** The text. */
  readonly children: TextNode[];
}

/** Code, to be shown as it is. */
export interface CodeSpanNode {
  /** Tells the nodes apart. */
  readonly type: "codeSpan";
  /** The code. */
  readonly text: string;
}

/** A link with a text of its own. Only backends send them. */
export interface LinkNode {
  /** Tells the nodes apart. */
  readonly type: "link";
  /** Where it leads. */
  readonly url: string;
  /** The text. */
  readonly children: TextNode[];
}

/** An address, e-mail address or phone number that was found in a text. */
export interface AutoLinkNode {
  /** Tells the nodes apart. */
  readonly type: "autoLink";
  /** Where it leads. */
  readonly url: string;
  /** The address as it was written. */
  readonly text: string;
}

/** A link that does something in the app. Only backends send them. */
export interface ActionLinkNode {
  /** Tells the nodes apart. */
  readonly type: "actionLink";
  /** What it does, by a name of the app's own. */
  readonly action: string;
  /** What the app is told besides. */
  readonly params: Record<string, string>;
  /** The text. */
  readonly children: TextNode[];
}

/** A button that does something in the app. Only backends send them. */
export interface ActionButtonNode {
  /** Tells the nodes apart. */
  readonly type: "actionButton";
  /** What it does, by a name of the app's own. */
  readonly action: string;
  /** What the app is told besides. */
  readonly params: Record<string, string>;
  /** The text. */
  readonly children: TextNode[];
}

/** An emoji of the app's own. */
export interface CustomEmojiNode {
  /** Tells the nodes apart. */
  readonly type: "customEmoji";
  /** Its name between colons. */
  readonly text: string;
}

/** A user who is spoken to. */
export interface MentionNode {
  /** Tells the nodes apart. */
  readonly type: "mention";
  /** The user's ID. */
  readonly id: string;
  /** The user's name as it was written. */
  readonly text: string;
}
"#;
