// Content and filters: every member with its exact type.
import type {
  ActionButtonNode,
  ActionLinkNode,
  AudioBlock,
  AudioFileMetadata,
  AutoLinkNode,
  BulletListNode,
  BulletPointNode,
  CodeSpanNode,
  CompoundFilter,
  ContentBlock,
  ConversationFilter,
  CustomEmojiNode,
  CustomFilter,
  FileBlock,
  FileToken,
  GenericFileBlock,
  GenericFileMetadata,
  ImageBlock,
  ImageFileMetadata,
  LinkNode,
  LocationBlock,
  MarkupNode,
  MentionNode,
  NumberFilter,
  SendContentBlock,
  SendFileBlock,
  SimpleConversationFilter,
  StringFilter,
  TextBlock,
  TextNode,
  VideoBlock,
  VideoFileMetadata,
  VoiceBlock,
  VoiceRecordingFileMetadata,
} from "causerie";
import type { Expected, Holds, Not, Same } from "./exact.js";

type Parent<Type extends string> = { readonly type: Type; readonly children: TextNode[] };
type Leaf<Type extends string> = { readonly type: Type; readonly text: string };
type Linked = { readonly url: string };
type Acting = { readonly action: string; readonly params: Record<string, string> };

export type Nodes = [
  Holds<
    Same<
      TextNode,
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
    >
  >,
  Holds<Expected<MarkupNode, Parent<"bold" | "italic" | "strikethrough">>>,
  Holds<Expected<BulletListNode, Parent<"bulletList">>>,
  Holds<Expected<BulletPointNode, Parent<"bulletPoint">>>,
  Holds<Expected<CodeSpanNode, Leaf<"codeSpan">>>,
  Holds<Expected<LinkNode, Parent<"link"> & Linked>>,
  Holds<Expected<AutoLinkNode, Leaf<"autoLink"> & Linked>>,
  Holds<Expected<ActionLinkNode, Parent<"actionLink"> & Acting>>,
  Holds<Expected<ActionButtonNode, Parent<"actionButton"> & Acting>>,
  Holds<Expected<CustomEmojiNode, Leaf<"customEmoji">>>,
  Holds<Expected<MentionNode, Leaf<"mention"> & { readonly id: string }>>,
];

type FileOf<Subtype extends string> = {
  readonly type: "file";
  readonly subtype: Subtype;
  readonly fileToken: FileToken;
  readonly url: string;
  readonly size: number;
  readonly filename: string;
};
type Sized = { readonly width?: number; readonly height?: number };
type Timed = { readonly duration?: number };

export type Blocks = [
  Holds<Same<ContentBlock, TextBlock | FileBlock | LocationBlock>>,
  Holds<Same<SendContentBlock, TextBlock | SendFileBlock | LocationBlock>>,
  Holds<Expected<TextBlock, Parent<"text">>>,
  Holds<
    Expected<
      LocationBlock,
      { readonly type: "location"; readonly latitude: number; readonly longitude: number }
    >
  >,
  Holds<Expected<SendFileBlock, { readonly type: "file"; readonly fileToken: FileToken }>>,
  Holds<Same<FileBlock, ImageBlock | VideoBlock | AudioBlock | VoiceBlock | GenericFileBlock>>,
  Holds<Expected<ImageBlock, FileOf<"image"> & Sized>>,
  Holds<Expected<VideoBlock, FileOf<"video"> & Sized & Timed>>,
  Holds<Expected<AudioBlock, FileOf<"audio"> & Timed>>,
  Holds<Expected<VoiceBlock, FileOf<"voice"> & Timed>>,
  Holds<Expected<GenericFileBlock, Omit<FileOf<"">, "subtype"> & { readonly subtype?: undefined }>>,
  // A branded string: it is assignable to string, and no string is assignable to it.
  Holds<FileToken extends string ? true : false>,
  Holds<Not<string extends FileToken ? true : false>>,
];

export type Metadata = [
  Holds<Expected<GenericFileMetadata, { filename: string }>>,
  Holds<Expected<ImageFileMetadata, { filename: string; width?: number; height?: number }>>,
  Holds<
    Expected<VideoFileMetadata, { filename: string; width?: number; height?: number; duration?: number }>
  >,
  Holds<Expected<AudioFileMetadata, { filename: string; duration?: number }>>,
  Holds<Expected<VoiceRecordingFileMetadata, { filename: string; duration?: number }>>,
];

export type Filters = [
  Holds<
    Same<StringFilter, readonly ["==" | "!=", string] | readonly ["oneOf" | "!oneOf", readonly string[]]>
  >,
  Holds<
    Same<
      NumberFilter,
      | readonly [">" | "<" | ">=" | "<=", number]
      | readonly ["between" | "!between", readonly [low: number, high: number]]
    >
  >,
  Holds<Same<CustomFilter[string], StringFilter | "exists" | "!exists">>,
  Holds<
    Expected<
      SimpleConversationFilter,
      {
        access?: StringFilter<"ReadWrite" | "Read">;
        custom?: CustomFilter;
        isUnread?: boolean;
        subject?: StringFilter<string | null>;
        lastActivityAt?: NumberFilter;
        createdAt?: NumberFilter;
        joinedAt?: NumberFilter;
        hasMessages?: boolean;
      }
    >
  >,
  Holds<Same<ConversationFilter, SimpleConversationFilter | CompoundFilter<SimpleConversationFilter>>>,
  Holds<
    Same<CompoundFilter<SimpleConversationFilter>, readonly ["any", readonly SimpleConversationFilter[]]>
  >,
];
