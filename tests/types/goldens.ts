// Written from crates/protocol/tests/golden by `UPDATE_DOCS=1 cargo test -p causerie-protocol`; not by hand.
import type {
  Batch, BatchResults, ClientFrame, CloseCode, Conversation, ErrorCode, Failure, Message, Online, Participant, Reaction,
  Recovery, ServerFrame, Typing, User,
} from "./wire";

export const client_auth = {
  "a new token": {
    "t": "auth",
    "token": "eyJhbGciOiJIUzI1NiJ9.e30.another"
  }
} satisfies Record<string, Extract<ClientFrame, { t: "auth" }>>;

export const client_hello = {
  "of a client that keeps bodies": {
    "client": "7f3a0c9be15d4c2a8e6610f2b4d79a35",
    "keepsBodies": 128,
    "t": "hello",
    "user": "ada"
  },
  "of a client that numbers its connections": {
    "client": "7f3a0c9be15d4c2a8e6610f2b4d79a35",
    "generation": 3,
    "t": "hello",
    "user": "ada"
  },
  "with a token": {
    "client": "7f3a0c9be15d4c2a8e6610f2b4d79a35",
    "sdk": "causerie-js/0.1.0",
    "t": "hello",
    "token": "eyJhbGciOiJIUzI1NiJ9.e30.signature",
    "user": "ada"
  },
  "without authentication": {
    "client": "7f3a0c9be15d4c2a8e6610f2b4d79a35",
    "t": "hello",
    "user": "ada"
  }
} satisfies Record<string, Extract<ClientFrame, { t: "hello" }>>;

export const client_ping = {
  "ping": {
    "t": "ping"
  }
} satisfies Record<string, Extract<ClientFrame, { t: "ping" }>>;

export const client_request = {
  "adds a participant": {
    "id": 40,
    "key": "40",
    "op": "participant.createIfNotExists",
    "params": {
      "conversation": "order-391",
      "data": {
        "access": "Read"
      },
      "user": "bob"
    },
    "t": "request"
  },
  "adds a reaction": {
    "id": 49,
    "key": "49",
    "op": "reaction.add",
    "params": {
      "conversation": "order-391",
      "emoji": "👍",
      "message": "msg_2"
    },
    "t": "request"
  },
  "asks to upload a voice recording": {
    "id": 62,
    "key": "k62",
    "op": "file.create",
    "params": {
      "data": {
        "contentType": "audio/webm",
        "duration": 2.5,
        "filename": "hello.webm",
        "size": 9000,
        "subtype": "voice"
      }
    },
    "t": "request"
  },
  "asks to upload an image": {
    "id": 61,
    "key": "k61",
    "op": "file.create",
    "params": {
      "data": {
        "contentType": "image/png",
        "filename": "cat.png",
        "height": 480,
        "size": 48213,
        "subtype": "image",
        "width": 640
      }
    },
    "t": "request"
  },
  "conversation.get": {
    "id": 4294967295,
    "op": "conversation.get",
    "params": {
      "conversation": "order/391 – küche"
    },
    "t": "request"
  },
  "creates a conversation": {
    "id": 32,
    "key": "32",
    "op": "conversation.createIfNotExists",
    "params": {
      "conversation": "order-391",
      "data": {
        "custom": {
          "order": "391"
        },
        "notify": false,
        "subject": "Order 391",
        "welcomeMessages": [
          "Hello!"
        ]
      }
    },
    "t": "request"
  },
  "creates a conversation with nothing": {
    "id": 33,
    "key": "33",
    "op": "conversation.createIfNotExists",
    "params": {
      "conversation": "order-391",
      "data": {}
    },
    "t": "request"
  },
  "deletes a message": {
    "id": 48,
    "key": "48",
    "op": "message.delete",
    "params": {
      "conversation": "order-391",
      "message": "msg_2"
    },
    "t": "request"
  },
  "edits a participant": {
    "id": 39,
    "key": "39",
    "op": "participant.edit",
    "params": {
      "conversation": "order-391",
      "data": {
        "notify": "MentionsOnly"
      },
      "user": "bob"
    },
    "t": "request"
  },
  "edits a text": {
    "id": 46,
    "key": "46",
    "op": "message.edit",
    "params": {
      "conversation": "order-391",
      "data": {
        "custom": null,
        "text": "Delivered."
      },
      "message": "msg_2"
    },
    "t": "request"
  },
  "edits content": {
    "id": 47,
    "key": "47",
    "op": "message.edit",
    "params": {
      "conversation": "order-391",
      "data": {
        "content": [
          {
            "children": [
              "Delivered."
            ],
            "type": "text"
          }
        ]
      },
      "message": "msg_2"
    },
    "t": "request"
  },
  "has not read all": {
    "id": 35,
    "key": "35",
    "op": "conversation.markAsUnread",
    "params": {
      "conversation": "order-391"
    },
    "t": "request"
  },
  "has read all": {
    "id": 34,
    "key": "34",
    "op": "conversation.markAsRead",
    "params": {
      "conversation": "order-391"
    },
    "t": "request"
  },
  "is typing": {
    "id": 36,
    "op": "conversation.markAsTyping",
    "params": {
      "conversation": "order-391"
    },
    "t": "request"
  },
  "loads more conversations": {
    "id": 53,
    "op": "more",
    "params": {
      "after": {
        "at": 1767229100000,
        "id": "order-391"
      },
      "limit": 20,
      "topic": {
        "filter": {
          "access": [
            "==",
            "Read"
          ]
        },
        "kind": "conversations"
      }
    },
    "t": "request"
  },
  "loads more messages": {
    "id": 52,
    "op": "more",
    "params": {
      "after": {
        "at": 1767229100000,
        "id": "msg_1"
      },
      "limit": 30,
      "topic": {
        "id": "order-391",
        "kind": "messages"
      }
    },
    "t": "request"
  },
  "reads a message": {
    "id": 42,
    "op": "message.get",
    "params": {
      "conversation": "order-391",
      "message": "msg_2"
    },
    "t": "request"
  },
  "reads a participant": {
    "id": 37,
    "op": "participant.get",
    "params": {
      "conversation": "order-391",
      "user": "bob"
    },
    "t": "request"
  },
  "reads the first reactions": {
    "id": 51,
    "op": "reaction.list",
    "params": {
      "conversation": "order-391",
      "emoji": "👍",
      "message": "msg_2"
    },
    "t": "request"
  },
  "removes a reaction": {
    "id": 50,
    "key": "50",
    "op": "reaction.remove",
    "params": {
      "conversation": "order-391",
      "emoji": ":shipit:",
      "message": "msg_2"
    },
    "t": "request"
  },
  "searches messages": {
    "id": 54,
    "op": "search.messages",
    "params": {
      "data": {
        "limit": 3,
        "query": "where is"
      }
    },
    "t": "request"
  },
  "searches more conversations that a filter selects": {
    "id": 55,
    "op": "search.conversations",
    "params": {
      "data": {
        "after": {
          "conversation": {
            "at": 1767229100000,
            "id": "order-391"
          }
        },
        "filters": {
          "conversation": {
            "isUnread": true
          }
        },
        "limit": 10,
        "query": "order"
      }
    },
    "t": "request"
  },
  "sends a place": {
    "id": 44,
    "key": "44",
    "op": "message.send",
    "params": {
      "conversation": "order-391",
      "data": {
        "content": [
          {
            "latitude": 52.37,
            "longitude": 4.9,
            "type": "location"
          }
        ]
      }
    },
    "t": "request"
  },
  "sends a text as an answer": {
    "id": 43,
    "key": "43",
    "op": "message.send",
    "params": {
      "conversation": "order-391",
      "data": {
        "custom": {
          "tone": "kind"
        },
        "referencedMessage": "msg_1",
        "text": "On its *way*: example.com/391"
      }
    },
    "t": "request"
  },
  "sends text with nodes": {
    "id": 45,
    "key": "45",
    "op": "message.send",
    "params": {
      "conversation": "order-391",
      "data": {
        "content": [
          {
            "children": [
              "Hello ",
              {
                "id": "ada",
                "text": "Ada",
                "type": "mention"
              }
            ],
            "type": "text"
          }
        ]
      }
    },
    "t": "request"
  },
  "sets a conversation": {
    "id": 31,
    "key": "31",
    "op": "conversation.set",
    "params": {
      "conversation": "order-391",
      "data": {
        "access": "ReadWrite",
        "custom": {
          "old": null,
          "order": "391"
        },
        "notify": "MentionsOnly",
        "photoUrl": null,
        "subject": "Order 391",
        "welcomeMessages": [
          "Hello!"
        ]
      }
    },
    "t": "request"
  },
  "sets a participant": {
    "id": 38,
    "key": "38",
    "op": "participant.set",
    "params": {
      "conversation": "order-391",
      "data": {
        "access": "Read",
        "notify": null
      },
      "user": "bob"
    },
    "t": "request"
  },
  "takes a participant out": {
    "id": 41,
    "key": "41",
    "op": "participant.delete",
    "params": {
      "conversation": "order-391",
      "user": "bob"
    },
    "t": "request"
  },
  "translates a message": {
    "id": 60,
    "op": "message.translate",
    "params": {
      "conversation": "order-391",
      "language": "pt-BR",
      "message": "msg_2"
    },
    "t": "request"
  },
  "user.createIfNotExists: a name": {
    "id": 6,
    "key": "c41e8b7702aa4d5f9a3f6d0e1b2c3d4e",
    "op": "user.createIfNotExists",
    "params": {
      "data": {
        "name": "Bob"
      },
      "user": "bob"
    },
    "t": "request"
  },
  "user.createIfNotExists: everything": {
    "id": 5,
    "key": "c41e8b7702aa4d5f9a3f6d0e1b2c3d4e",
    "op": "user.createIfNotExists",
    "params": {
      "data": {
        "custom": {
          "color": "blue"
        },
        "email": [
          "bob@example.com"
        ],
        "locale": "nl",
        "name": "Bob",
        "phone": [
          "020 123 4567"
        ],
        "photoUrl": "http://example.com/bob.jpg",
        "pushTokens": {
          "apns:device-3": true
        },
        "role": "reader",
        "welcomeMessage": "Hi, Bob here."
      },
      "user": "bob"
    },
    "t": "request"
  },
  "user.get": {
    "id": 1,
    "op": "user.get",
    "params": {
      "user": "bob"
    },
    "t": "request"
  },
  "user.set: everything": {
    "id": 2,
    "key": "c41e8b7702aa4d5f9a3f6d0e1b2c3d4e",
    "op": "user.set",
    "params": {
      "data": {
        "custom": {
          "color": "green",
          "shape": null
        },
        "email": [
          "ada@example.com",
          "ada@example.org"
        ],
        "locale": "en-GB",
        "name": "Ada Lovelace",
        "phone": [
          "+44 20 7946 0000"
        ],
        "photoUrl": "https://example.com/ada.png",
        "pushTokens": {
          "apns:device-2": null,
          "fcm:device-1": true
        },
        "role": "author",
        "welcomeMessage": "Hello! 👋"
      },
      "user": "ada"
    },
    "t": "request"
  },
  "user.set: everything reset": {
    "id": 3,
    "key": "c41e8b7702aa4d5f9a3f6d0e1b2c3d4e",
    "op": "user.set",
    "params": {
      "data": {
        "custom": null,
        "email": null,
        "locale": null,
        "phone": null,
        "photoUrl": null,
        "pushTokens": null,
        "role": null,
        "welcomeMessage": null
      },
      "user": "ada"
    },
    "t": "request"
  },
  "user.set: nothing": {
    "id": 4,
    "key": "c41e8b7702aa4d5f9a3f6d0e1b2c3d4e",
    "op": "user.set",
    "params": {
      "data": {},
      "user": "ada"
    },
    "t": "request"
  }
} satisfies Record<string, Extract<ClientFrame, { t: "request" }>>;

export const client_subscribe = {
  "a conversation": {
    "id": 9,
    "t": "subscribe",
    "topic": {
      "id": "order-391",
      "kind": "conversation"
    }
  },
  "a participant": {
    "id": 16,
    "t": "subscribe",
    "topic": {
      "id": "order-391",
      "kind": "participant",
      "user": "bob"
    }
  },
  "a user": {
    "id": 7,
    "t": "subscribe",
    "topic": {
      "id": "bob",
      "kind": "user"
    }
  },
  "all conversations": {
    "id": 10,
    "t": "subscribe",
    "topic": {
      "kind": "conversations"
    }
  },
  "conversations of any of two kinds": {
    "id": 12,
    "t": "subscribe",
    "topic": {
      "filter": [
        "any",
        [
          {
            "hasMessages": false
          },
          {
            "lastActivityAt": [
              "between",
              [
                1767225600000,
                1767312000000
              ]
            ]
          }
        ]
      ],
      "kind": "conversations"
    }
  },
  "messages": {
    "id": 13,
    "t": "subscribe",
    "topic": {
      "id": "order-391",
      "kind": "messages"
    }
  },
  "messages, resumed": {
    "from": {
      "epoch": "9b2f64c07d1e4a83b5c6d7e8f9011223",
      "seq": 1042
    },
    "id": 14,
    "t": "subscribe",
    "topic": {
      "id": "order-391",
      "kind": "messages"
    },
    "window": {
      "limit": 90
    }
  },
  "participants": {
    "id": 15,
    "t": "subscribe",
    "topic": {
      "id": "order-391",
      "kind": "participants"
    }
  },
  "reactions": {
    "id": 18,
    "t": "subscribe",
    "topic": {
      "emoji": "👍",
      "id": "order-391",
      "kind": "reactions",
      "message": "msg_2"
    }
  },
  "some conversations, fifty of them": {
    "id": 11,
    "t": "subscribe",
    "topic": {
      "filter": {
        "custom": {
          "order": "exists"
        },
        "isUnread": true,
        "subject": [
          "!=",
          null
        ]
      },
      "kind": "conversations"
    },
    "window": {
      "limit": 50
    }
  },
  "whether a user is online": {
    "id": 8,
    "t": "subscribe",
    "topic": {
      "id": "bob",
      "kind": "online"
    }
  },
  "who is typing": {
    "id": 17,
    "t": "subscribe",
    "topic": {
      "id": "order-391",
      "kind": "typing"
    }
  }
} satisfies Record<string, Extract<ClientFrame, { t: "subscribe" }>>;

export const client_unsubscribe = {
  "a subscription": {
    "id": 7,
    "t": "unsubscribe"
  }
} satisfies Record<string, Extract<ClientFrame, { t: "unsubscribe" }>>;

export const codes_close = {
  "1000": {
    "error": "offline",
    "name": "Normal",
    "recovery": "retry"
  },
  "4000": {
    "error": "offline",
    "name": "Restarting",
    "recovery": "retry"
  },
  "4001": {
    "error": "offline",
    "name": "SlowConsumer",
    "recovery": "retry"
  },
  "4002": {
    "error": "timed_out",
    "name": "HelloTimeout",
    "recovery": "retry"
  },
  "4003": {
    "error": "server_error",
    "name": "Internal",
    "recovery": "retry"
  },
  "4004": {
    "error": "offline",
    "name": "Silent",
    "recovery": "retry"
  },
  "4100": {
    "error": "rate_limited",
    "name": "RateLimited",
    "recovery": "retryLater"
  },
  "4101": {
    "error": "rate_limited",
    "name": "TooManyConnections",
    "recovery": "retryLater"
  },
  "4200": {
    "error": "not_authenticated",
    "name": "NotAuthenticated",
    "recovery": "reauthenticate"
  },
  "4201": {
    "error": "token_expired",
    "name": "TokenExpired",
    "recovery": "reauthenticate"
  },
  "4400": {
    "error": "invalid_frame",
    "name": "InvalidFrame",
    "recovery": "never"
  },
  "4401": {
    "error": "invalid_frame",
    "name": "HelloExpected",
    "recovery": "never"
  },
  "4403": {
    "error": "forbidden",
    "name": "Forbidden",
    "recovery": "never"
  },
  "4404": {
    "error": "not_found",
    "name": "UnknownApp",
    "recovery": "never"
  },
  "4406": {
    "error": "protocol_mismatch",
    "name": "ProtocolMismatch",
    "recovery": "never"
  },
  "4413": {
    "error": "too_large",
    "name": "TooLarge",
    "recovery": "never"
  }
} satisfies Record<CloseCode, { name: string; error: ErrorCode; recovery: Recovery }>;

export const codes_error = {
  "conversation_sync_disabled": {
    "http": 403,
    "retryable": false
  },
  "forbidden": {
    "http": 403,
    "retryable": false
  },
  "invalid_argument": {
    "http": 400,
    "retryable": false
  },
  "invalid_frame": {
    "http": 400,
    "retryable": false
  },
  "key_reused": {
    "http": 409,
    "retryable": false
  },
  "name_required": {
    "http": 400,
    "retryable": false
  },
  "not_authenticated": {
    "http": 401,
    "retryable": false
  },
  "not_found": {
    "http": 404,
    "retryable": false
  },
  "offline": {
    "http": 503,
    "retryable": true
  },
  "protocol_mismatch": {
    "http": 400,
    "retryable": false
  },
  "rate_limited": {
    "http": 429,
    "retryable": true
  },
  "server_error": {
    "http": 500,
    "retryable": true
  },
  "session_ended": {
    "http": 410,
    "retryable": false
  },
  "timed_out": {
    "http": 504,
    "retryable": true
  },
  "token_expired": {
    "http": 401,
    "retryable": false
  },
  "too_large": {
    "http": 413,
    "retryable": false
  },
  "unsupported": {
    "http": 400,
    "retryable": false
  },
  "uploads_disabled": {
    "http": 403,
    "retryable": false
  },
  "user_sync_disabled": {
    "http": 403,
    "retryable": false
  }
} satisfies Record<ErrorCode, { retryable: boolean; http: number }>;

export const entity_conversation = {
  "notified of all": {
    "access": "Read",
    "createdAt": 1767225600000,
    "custom": {},
    "everyoneReadUntil": 1767225600000,
    "id": "loud",
    "isUnread": false,
    "joinedAt": 1767225600000,
    "lastMessage": null,
    "lastMessageAt": 1767225600000,
    "notify": true,
    "photoUrl": null,
    "readUntil": 1767225600000,
    "subject": null,
    "unreadMessageCount": 0,
    "welcomeMessages": []
  },
  "with messages": {
    "access": "ReadWrite",
    "createdAt": 1767225600000,
    "custom": {
      "order": "391"
    },
    "everyoneReadUntil": 1767225601000,
    "id": "order-391",
    "isUnread": true,
    "joinedAt": 1767225601000,
    "lastMessage": "msg_2",
    "lastMessageAt": 1767229200000,
    "notify": "MentionsOnly",
    "photoUrl": "https://example.com/391.png",
    "readUntil": 1767225700000,
    "subject": "Order 391",
    "unreadMessageCount": 3,
    "welcomeMessages": [
      "Hello!",
      "How can we help?"
    ]
  },
  "without anything": {
    "access": "Read",
    "createdAt": 1767225600000,
    "custom": {},
    "everyoneReadUntil": 1767225600000,
    "id": "quiet",
    "isUnread": false,
    "joinedAt": 1767225600000,
    "lastMessage": null,
    "lastMessageAt": 1767225600000,
    "notify": false,
    "photoUrl": null,
    "readUntil": 1767225600000,
    "subject": null,
    "unreadMessageCount": 0,
    "welcomeMessages": []
  }
} satisfies Record<string, Conversation>;

export const entity_message = {
  "an edited answer with markup, custom data and reactions": {
    "content": [
      {
        "children": [
          "On its ",
          {
            "children": [
              "way"
            ],
            "type": "bold"
          },
          ": ",
          {
            "text": "example.com/391",
            "type": "autoLink",
            "url": "https://example.com/391"
          }
        ],
        "type": "text"
      }
    ],
    "conversation": "order-391",
    "createdAt": 1767229200000,
    "custom": {
      "tone": "kind"
    },
    "editedAt": 1767229260000,
    "id": "msg_2",
    "origin": "rest",
    "plaintext": "On its way: example.com/391",
    "reactions": [
      {
        "count": 2,
        "currentUserReacted": true,
        "emoji": "👍"
      },
      {
        "count": 1,
        "currentUserReacted": false,
        "emoji": ":shipit:"
      }
    ],
    "referencedMessage": "msg_1",
    "sender": "bob",
    "type": "UserMessage"
  },
  "of a user": {
    "content": [
      {
        "children": [
          "Where is it?"
        ],
        "type": "text"
      }
    ],
    "conversation": "order-391",
    "createdAt": 1767229100000,
    "id": "msg_1",
    "origin": "web",
    "plaintext": "Where is it?",
    "sender": "ada",
    "type": "UserMessage"
  },
  "of the system, a place": {
    "content": [
      {
        "latitude": 52.37,
        "longitude": 4.9,
        "type": "location"
      }
    ],
    "conversation": "order-391",
    "createdAt": 1767229300000,
    "id": "msg_3",
    "origin": "rest",
    "plaintext": "52.37, 4.9",
    "type": "SystemMessage"
  }
} satisfies Record<string, Message>;

export const entity_online = {
  "away": {
    "isConnected": false,
    "user": "ada"
  },
  "there": {
    "isConnected": true,
    "user": "bob"
  }
} satisfies Record<string, Online>;

export const entity_participant = {
  "a reader without notifications": {
    "access": "Read",
    "joinedAt": 1767225601000,
    "notify": false,
    "user": "bob"
  },
  "with notifications of mentions": {
    "access": "ReadWrite",
    "joinedAt": 1767225600000,
    "notify": "MentionsOnly",
    "user": "ada"
  }
} satisfies Record<string, Participant>;

export const entity_reaction = {
  "one": {
    "createdAt": 1767229270000,
    "user": "bob"
  }
} satisfies Record<string, Reaction>;

export const entity_typing = {
  "many": {
    "many": true
  },
  "nobody": {
    "users": []
  },
  "two": {
    "users": [
      "bob",
      "ada"
    ]
  }
} satisfies Record<string, Typing>;

export const entity_user = {
  "everything": {
    "custom": {
      "color": "blue"
    },
    "id": "bob",
    "locale": "nl",
    "name": "Bob",
    "photoUrl": "http://example.com/bob.jpg",
    "role": "reader",
    "welcomeMessage": "Hi, Bob here."
  },
  "only a name": {
    "custom": {},
    "id": "ada",
    "locale": "en",
    "name": "Ada Lovelace",
    "photoUrl": null,
    "role": "default",
    "welcomeMessage": null
  }
} satisfies Record<string, User>;

export const http_batch = {
  "none": {
    "client": "7f3a0c9be15d4c2a8e6610f2b4d79a35",
    "generation": 3,
    "requests": [],
    "user": "ada",
    "v": 1
  },
  "two requests": {
    "client": "7f3a0c9be15d4c2a8e6610f2b4d79a35",
    "requests": [
      {
        "id": 1,
        "key": "c41e8b7702aa4d5f9a3f6d0e1b2c3d4e",
        "op": "user.set",
        "params": {
          "data": {
            "name": "Ada"
          },
          "user": "ada"
        }
      },
      {
        "id": 2,
        "op": "conversation.get",
        "params": {
          "conversation": "order-391"
        }
      }
    ],
    "user": "ada",
    "v": 1
  }
} satisfies Record<string, Batch>;

export const http_failure = {
  "another version": {
    "error": {
      "code": "protocol_mismatch",
      "message": "this server supports version 1 of the protocol (got 2)"
    }
  },
  "no such app": {
    "error": {
      "code": "not_found",
      "message": "there is no app \"shop\" here"
    }
  }
} satisfies Record<string, Failure>;

export const http_results = {
  "none": {
    "results": []
  },
  "one success, one failure": {
    "results": [
      {
        "error": {
          "code": "user_sync_disabled",
          "message": "this app does not let browsers create or change users: do it from your backend, with the REST API"
        },
        "id": 1
      },
      {
        "entities": {
          "conversations": [
            {
              "access": "ReadWrite",
              "createdAt": 1767225600000,
              "custom": {
                "order": "391"
              },
              "everyoneReadUntil": 1767225601000,
              "id": "order-391",
              "isUnread": true,
              "joinedAt": 1767225601000,
              "lastMessage": null,
              "lastMessageAt": 1767229200000,
              "notify": "MentionsOnly",
              "photoUrl": "https://example.com/391.png",
              "readUntil": 1767225700000,
              "rev": 8574997594917443,
              "subject": "Order 391",
              "unreadMessageCount": 3,
              "welcomeMessages": [
                "Hello!",
                "How can we help?"
              ]
            }
          ]
        },
        "id": 2,
        "value": "order-391"
      }
    ],
    "tokenExpiresIn": 3600000
  }
} satisfies Record<string, BatchResults>;

export const server_authenticated = {
  "for good": {
    "t": "authenticated"
  },
  "until": {
    "t": "authenticated",
    "tokenExpiresIn": 3600000
  }
} satisfies Record<string, Extract<ServerFrame, { t: "authenticated" }>>;

export const server_ended = {
  "not supported yet": {
    "error": {
      "code": "unsupported",
      "message": "this server does not offer subscriptions"
    },
    "id": 7,
    "t": "ended"
  }
} satisfies Record<string, Extract<ServerFrame, { t: "ended" }>>;

export const server_error = {
  "an unknown frame": {
    "error": {
      "code": "unsupported",
      "message": "this server does not support frames of type \"shout\""
    },
    "t": "error"
  },
  "before a close": {
    "error": {
      "code": "rate_limited",
      "message": "too many connections of this user: wait 5 s and try again",
      "retryAfter": 5000
    },
    "t": "error"
  }
} satisfies Record<string, Extract<ServerFrame, { t: "error" }>>;

export const server_events = {
  "a conversation came into the list, another left it": {
    "changes": [
      {
        "put": "order-391"
      },
      {
        "drop": "order-7"
      }
    ],
    "entities": {
      "conversations": [
        {
          "access": "ReadWrite",
          "createdAt": 1767225600000,
          "custom": {
            "order": "391"
          },
          "everyoneReadUntil": 1767225601000,
          "id": "order-391",
          "isUnread": true,
          "joinedAt": 1767225601000,
          "lastMessage": "msg_2",
          "lastMessageAt": 1767229200000,
          "notify": "MentionsOnly",
          "photoUrl": "https://example.com/391.png",
          "readUntil": 1767225700000,
          "rev": 2641119071980099,
          "subject": "Order 391",
          "unreadMessageCount": 3,
          "welcomeMessages": [
            "Hello!",
            "How can we help?"
          ]
        }
      ],
      "messages": [
        {
          "content": [
            {
              "children": [
                "On its ",
                {
                  "children": [
                    "way"
                  ],
                  "type": "bold"
                },
                ": ",
                {
                  "text": "example.com/391",
                  "type": "autoLink",
                  "url": "https://example.com/391"
                }
              ],
              "type": "text"
            }
          ],
          "conversation": "order-391",
          "createdAt": 1767229200000,
          "custom": {
            "tone": "kind"
          },
          "editedAt": 1767229260000,
          "id": "msg_2",
          "origin": "rest",
          "plaintext": "On its way: example.com/391",
          "reactions": [
            {
              "count": 2,
              "currentUserReacted": true,
              "emoji": "👍"
            },
            {
              "count": 1,
              "currentUserReacted": false,
              "emoji": ":shipit:"
            }
          ],
          "referencedMessage": "msg_1",
          "rev": 304945739554883,
          "sender": "bob",
          "type": "UserMessage"
        },
        {
          "content": [
            {
              "children": [
                "Where is it?"
              ],
              "type": "text"
            }
          ],
          "conversation": "order-391",
          "createdAt": 1767229100000,
          "id": "msg_1",
          "origin": "web",
          "plaintext": "Where is it?",
          "rev": 8439206281699395,
          "sender": "ada",
          "type": "UserMessage"
        }
      ],
      "users": [
        {
          "custom": {},
          "id": "ada",
          "locale": "en",
          "name": "Ada Lovelace",
          "photoUrl": null,
          "rev": 1904917585498228,
          "role": "default",
          "welcomeMessage": null
        },
        {
          "custom": {
            "color": "blue"
          },
          "id": "bob",
          "locale": "nl",
          "name": "Bob",
          "photoUrl": "http://example.com/bob.jpg",
          "rev": 447793982509172,
          "role": "reader",
          "welcomeMessage": "Hi, Bob here."
        }
      ]
    },
    "id": 10,
    "t": "events"
  },
  "a message came, another was edited, a third deleted": {
    "changes": [
      {
        "put": "msg_3"
      },
      {
        "put": "msg_2"
      },
      {
        "drop": "msg_0"
      }
    ],
    "entities": {
      "messages": [
        {
          "content": [
            {
              "latitude": 52.37,
              "longitude": 4.9,
              "type": "location"
            }
          ],
          "conversation": "order-391",
          "createdAt": 1767229300000,
          "id": "msg_3",
          "origin": "rest",
          "plaintext": "52.37, 4.9",
          "rev": 8055000531689539,
          "type": "SystemMessage"
        },
        {
          "content": [
            {
              "children": [
                "On its ",
                {
                  "children": [
                    "way"
                  ],
                  "type": "bold"
                },
                ": ",
                {
                  "text": "example.com/391",
                  "type": "autoLink",
                  "url": "https://example.com/391"
                }
              ],
              "type": "text"
            }
          ],
          "conversation": "order-391",
          "createdAt": 1767229200000,
          "custom": {
            "tone": "kind"
          },
          "editedAt": 1767229260000,
          "id": "msg_2",
          "origin": "rest",
          "plaintext": "On its way: example.com/391",
          "reactions": [
            {
              "count": 2,
              "currentUserReacted": true,
              "emoji": "👍"
            },
            {
              "count": 1,
              "currentUserReacted": false,
              "emoji": ":shipit:"
            }
          ],
          "referencedMessage": "msg_1",
          "rev": 304945739554883,
          "sender": "bob",
          "type": "UserMessage"
        },
        {
          "content": [
            {
              "children": [
                "Where is it?"
              ],
              "type": "text"
            }
          ],
          "conversation": "order-391",
          "createdAt": 1767229100000,
          "id": "msg_1",
          "origin": "web",
          "plaintext": "Where is it?",
          "rev": 8439206281699395,
          "sender": "ada",
          "type": "UserMessage"
        }
      ],
      "users": [
        {
          "custom": {},
          "id": "ada",
          "locale": "en",
          "name": "Ada Lovelace",
          "photoUrl": null,
          "rev": 1904917585498228,
          "role": "default",
          "welcomeMessage": null
        },
        {
          "custom": {
            "color": "blue"
          },
          "id": "bob",
          "locale": "nl",
          "name": "Bob",
          "photoUrl": "http://example.com/bob.jpg",
          "rev": 447793982509172,
          "role": "reader",
          "welcomeMessage": "Hi, Bob here."
        }
      ]
    },
    "id": 13,
    "seq": 1047,
    "since": 1044,
    "t": "events"
  },
  "a message whose sender the client keeps": {
    "changes": [
      {
        "put": "msg_4"
      }
    ],
    "entities": {
      "messages": [
        {
          "content": [
            {
              "latitude": 52.37,
              "longitude": 4.9,
              "type": "location"
            }
          ],
          "conversation": "order-391",
          "createdAt": 1767229300000,
          "id": "msg_4",
          "origin": "rest",
          "plaintext": "52.37, 4.9",
          "rev": 1234567890123456,
          "type": "SystemMessage"
        }
      ]
    },
    "id": 13,
    "seq": 1048,
    "since": 1047,
    "t": "events"
  },
  "a participant joined, another left": {
    "changes": [
      {
        "put": {
          "access": "Read",
          "joinedAt": 1767225601000,
          "notify": false,
          "user": "bob"
        }
      },
      {
        "drop": "ada"
      }
    ],
    "entities": {
      "users": [
        {
          "custom": {
            "color": "blue"
          },
          "id": "bob",
          "locale": "nl",
          "name": "Bob",
          "photoUrl": "http://example.com/bob.jpg",
          "rev": 447793982509172,
          "role": "reader",
          "welcomeMessage": "Hi, Bob here."
        }
      ]
    },
    "id": 15,
    "t": "events"
  },
  "caught up, with nothing missed": {
    "changes": [],
    "id": 14,
    "seq": 9007199254740991,
    "since": 9007199254740991,
    "t": "events"
  }
} satisfies Record<string, Extract<ServerFrame, { t: "events" }>>;

export const server_ping = {
  "ping": {
    "t": "ping"
  }
} satisfies Record<string, Extract<ServerFrame, { t: "ping" }>>;

export const server_pong = {
  "pong": {
    "t": "pong"
  }
} satisfies Record<string, Extract<ServerFrame, { t: "pong" }>>;

export const server_reset = {
  "a conversation with its last message and what that answers": {
    "entities": {
      "conversations": [
        {
          "access": "ReadWrite",
          "createdAt": 1767225600000,
          "custom": {
            "order": "391"
          },
          "everyoneReadUntil": 1767225601000,
          "id": "order-391",
          "isUnread": true,
          "joinedAt": 1767225601000,
          "lastMessage": "msg_2",
          "lastMessageAt": 1767229200000,
          "notify": "MentionsOnly",
          "photoUrl": "https://example.com/391.png",
          "readUntil": 1767225700000,
          "rev": 2641119071980099,
          "subject": "Order 391",
          "unreadMessageCount": 3,
          "welcomeMessages": [
            "Hello!",
            "How can we help?"
          ]
        }
      ],
      "messages": [
        {
          "content": [
            {
              "children": [
                "On its ",
                {
                  "children": [
                    "way"
                  ],
                  "type": "bold"
                },
                ": ",
                {
                  "text": "example.com/391",
                  "type": "autoLink",
                  "url": "https://example.com/391"
                }
              ],
              "type": "text"
            }
          ],
          "conversation": "order-391",
          "createdAt": 1767229200000,
          "custom": {
            "tone": "kind"
          },
          "editedAt": 1767229260000,
          "id": "msg_2",
          "origin": "rest",
          "plaintext": "On its way: example.com/391",
          "reactions": [
            {
              "count": 2,
              "currentUserReacted": true,
              "emoji": "👍"
            },
            {
              "count": 1,
              "currentUserReacted": false,
              "emoji": ":shipit:"
            }
          ],
          "referencedMessage": "msg_1",
          "rev": 304945739554883,
          "sender": "bob",
          "type": "UserMessage"
        },
        {
          "content": [
            {
              "children": [
                "Where is it?"
              ],
              "type": "text"
            }
          ],
          "conversation": "order-391",
          "createdAt": 1767229100000,
          "id": "msg_1",
          "origin": "web",
          "plaintext": "Where is it?",
          "rev": 8439206281699395,
          "sender": "ada",
          "type": "UserMessage"
        }
      ],
      "users": [
        {
          "custom": {},
          "id": "ada",
          "locale": "en",
          "name": "Ada Lovelace",
          "photoUrl": null,
          "rev": 1904917585498228,
          "role": "default",
          "welcomeMessage": null
        },
        {
          "custom": {
            "color": "blue"
          },
          "id": "bob",
          "locale": "nl",
          "name": "Bob",
          "photoUrl": "http://example.com/bob.jpg",
          "rev": 447793982509172,
          "role": "reader",
          "welcomeMessage": "Hi, Bob here."
        }
      ]
    },
    "id": 9,
    "t": "reset",
    "value": "order-391"
  },
  "a participant": {
    "entities": {
      "users": [
        {
          "custom": {
            "color": "blue"
          },
          "id": "bob",
          "locale": "nl",
          "name": "Bob",
          "photoUrl": "http://example.com/bob.jpg",
          "rev": 447793982509172,
          "role": "reader",
          "welcomeMessage": "Hi, Bob here."
        }
      ]
    },
    "id": 16,
    "t": "reset",
    "value": {
      "access": "Read",
      "joinedAt": 1767225601000,
      "notify": false,
      "user": "bob"
    }
  },
  "a user": {
    "entities": {
      "users": [
        {
          "custom": {
            "color": "blue"
          },
          "id": "bob",
          "locale": "nl",
          "name": "Bob",
          "photoUrl": "http://example.com/bob.jpg",
          "rev": 447793982509172,
          "role": "reader",
          "welcomeMessage": "Hi, Bob here."
        }
      ]
    },
    "id": 7,
    "t": "reset",
    "value": "bob"
  },
  "an empty list": {
    "id": 10,
    "t": "reset",
    "value": {
      "items": [],
      "more": false
    }
  },
  "many are typing": {
    "id": 17,
    "t": "reset",
    "value": {
      "many": true
    }
  },
  "messages, with their place": {
    "entities": {
      "messages": [
        {
          "content": [
            {
              "children": [
                "On its ",
                {
                  "children": [
                    "way"
                  ],
                  "type": "bold"
                },
                ": ",
                {
                  "text": "example.com/391",
                  "type": "autoLink",
                  "url": "https://example.com/391"
                }
              ],
              "type": "text"
            }
          ],
          "conversation": "order-391",
          "createdAt": 1767229200000,
          "custom": {
            "tone": "kind"
          },
          "editedAt": 1767229260000,
          "id": "msg_2",
          "origin": "rest",
          "plaintext": "On its way: example.com/391",
          "reactions": [
            {
              "count": 2,
              "currentUserReacted": true,
              "emoji": "👍"
            },
            {
              "count": 1,
              "currentUserReacted": false,
              "emoji": ":shipit:"
            }
          ],
          "referencedMessage": "msg_1",
          "rev": 304945739554883,
          "sender": "bob",
          "type": "UserMessage"
        },
        {
          "content": [
            {
              "children": [
                "Where is it?"
              ],
              "type": "text"
            }
          ],
          "conversation": "order-391",
          "createdAt": 1767229100000,
          "id": "msg_1",
          "origin": "web",
          "plaintext": "Where is it?",
          "rev": 8439206281699395,
          "sender": "ada",
          "type": "UserMessage"
        }
      ],
      "users": [
        {
          "custom": {},
          "id": "ada",
          "locale": "en",
          "name": "Ada Lovelace",
          "photoUrl": null,
          "rev": 1904917585498228,
          "role": "default",
          "welcomeMessage": null
        },
        {
          "custom": {
            "color": "blue"
          },
          "id": "bob",
          "locale": "nl",
          "name": "Bob",
          "photoUrl": "http://example.com/bob.jpg",
          "rev": 447793982509172,
          "role": "reader",
          "welcomeMessage": "Hi, Bob here."
        }
      ]
    },
    "id": 13,
    "seq": 1044,
    "t": "reset",
    "value": {
      "items": [
        "msg_2",
        "msg_1"
      ],
      "more": true
    }
  },
  "nothing there, or nothing to see": {
    "id": 9,
    "t": "reset"
  },
  "participants": {
    "entities": {
      "users": [
        {
          "custom": {
            "color": "blue"
          },
          "id": "bob",
          "locale": "nl",
          "name": "Bob",
          "photoUrl": "http://example.com/bob.jpg",
          "rev": 447793982509172,
          "role": "reader",
          "welcomeMessage": "Hi, Bob here."
        }
      ]
    },
    "id": 15,
    "t": "reset",
    "value": {
      "items": [
        {
          "access": "Read",
          "joinedAt": 1767225601000,
          "notify": false,
          "user": "bob"
        }
      ],
      "more": false
    }
  },
  "reactions": {
    "entities": {
      "users": [
        {
          "custom": {
            "color": "blue"
          },
          "id": "bob",
          "locale": "nl",
          "name": "Bob",
          "photoUrl": "http://example.com/bob.jpg",
          "rev": 447793982509172,
          "role": "reader",
          "welcomeMessage": "Hi, Bob here."
        }
      ]
    },
    "id": 18,
    "t": "reset",
    "value": {
      "items": [
        {
          "createdAt": 1767229270000,
          "user": "bob"
        }
      ],
      "more": false
    }
  },
  "whether a user is online": {
    "entities": {
      "users": [
        {
          "custom": {
            "color": "blue"
          },
          "id": "bob",
          "locale": "nl",
          "name": "Bob",
          "photoUrl": "http://example.com/bob.jpg",
          "rev": 447793982509172,
          "role": "reader",
          "welcomeMessage": "Hi, Bob here."
        }
      ]
    },
    "id": 8,
    "t": "reset",
    "value": {
      "isConnected": true,
      "user": "bob"
    }
  },
  "who is typing": {
    "entities": {
      "users": [
        {
          "custom": {
            "color": "blue"
          },
          "id": "bob",
          "locale": "nl",
          "name": "Bob",
          "photoUrl": "http://example.com/bob.jpg",
          "rev": 447793982509172,
          "role": "reader",
          "welcomeMessage": "Hi, Bob here."
        }
      ]
    },
    "id": 17,
    "t": "reset",
    "value": {
      "users": [
        "bob"
      ]
    }
  }
} satisfies Record<string, Extract<ServerFrame, { t: "reset" }>>;

export const server_result = {
  "a conversation with its last message": {
    "entities": {
      "conversations": [
        {
          "access": "ReadWrite",
          "createdAt": 1767225600000,
          "custom": {
            "order": "391"
          },
          "everyoneReadUntil": 1767225601000,
          "id": "order-391",
          "isUnread": true,
          "joinedAt": 1767225601000,
          "lastMessage": "msg_2",
          "lastMessageAt": 1767229200000,
          "notify": "MentionsOnly",
          "photoUrl": "https://example.com/391.png",
          "readUntil": 1767225700000,
          "rev": 2641119071980099,
          "subject": "Order 391",
          "unreadMessageCount": 3,
          "welcomeMessages": [
            "Hello!",
            "How can we help?"
          ]
        }
      ],
      "messages": [
        {
          "content": [
            {
              "children": [
                "On its ",
                {
                  "children": [
                    "way"
                  ],
                  "type": "bold"
                },
                ": ",
                {
                  "text": "example.com/391",
                  "type": "autoLink",
                  "url": "https://example.com/391"
                }
              ],
              "type": "text"
            }
          ],
          "conversation": "order-391",
          "createdAt": 1767229200000,
          "custom": {
            "tone": "kind"
          },
          "editedAt": 1767229260000,
          "id": "msg_2",
          "origin": "rest",
          "plaintext": "On its way: example.com/391",
          "reactions": [
            {
              "count": 2,
              "currentUserReacted": true,
              "emoji": "👍"
            },
            {
              "count": 1,
              "currentUserReacted": false,
              "emoji": ":shipit:"
            }
          ],
          "referencedMessage": "msg_1",
          "rev": 304945739554883,
          "sender": "bob",
          "type": "UserMessage"
        },
        {
          "content": [
            {
              "children": [
                "Where is it?"
              ],
              "type": "text"
            }
          ],
          "conversation": "order-391",
          "createdAt": 1767229100000,
          "id": "msg_1",
          "origin": "web",
          "plaintext": "Where is it?",
          "rev": 8439206281699395,
          "sender": "ada",
          "type": "UserMessage"
        }
      ],
      "users": [
        {
          "custom": {},
          "id": "ada",
          "locale": "en",
          "name": "Ada Lovelace",
          "photoUrl": null,
          "rev": 1904917585498228,
          "role": "default",
          "welcomeMessage": null
        },
        {
          "custom": {
            "color": "blue"
          },
          "id": "bob",
          "locale": "nl",
          "name": "Bob",
          "photoUrl": "http://example.com/bob.jpg",
          "rev": 447793982509172,
          "role": "reader",
          "welcomeMessage": "Hi, Bob here."
        }
      ]
    },
    "id": 34,
    "t": "result",
    "value": "order-391"
  },
  "a failure that names a field": {
    "error": {
      "code": "invalid_argument",
      "field": "custom.color",
      "message": "custom.color: must be a string, not a number"
    },
    "id": 7,
    "t": "result"
  },
  "a failure to wait out": {
    "error": {
      "code": "rate_limited",
      "message": "too many requests: wait 2 s and try again",
      "retryAfter": 2000
    },
    "id": 8,
    "t": "result"
  },
  "conversation.createIfNotExists": {
    "id": 61,
    "t": "result"
  },
  "conversation.get": {
    "entities": {
      "conversations": [
        {
          "access": "ReadWrite",
          "createdAt": 1767225600000,
          "custom": {
            "order": "391"
          },
          "everyoneReadUntil": 1767225601000,
          "id": "order-391",
          "isUnread": true,
          "joinedAt": 1767225601000,
          "lastMessage": null,
          "lastMessageAt": 1767229200000,
          "notify": "MentionsOnly",
          "photoUrl": "https://example.com/391.png",
          "readUntil": 1767225700000,
          "rev": 8574997594917443,
          "subject": "Order 391",
          "unreadMessageCount": 3,
          "welcomeMessages": [
            "Hello!",
            "How can we help?"
          ]
        }
      ]
    },
    "id": 5,
    "t": "result",
    "value": "order-391"
  },
  "conversation.get: not a participant": {
    "id": 6,
    "t": "result"
  },
  "conversation.markAsRead": {
    "id": 62,
    "t": "result"
  },
  "conversation.markAsTyping": {
    "id": 64,
    "t": "result"
  },
  "conversation.markAsUnread": {
    "id": 63,
    "t": "result"
  },
  "conversation.set": {
    "id": 60,
    "t": "result"
  },
  "file.create": {
    "id": 54,
    "t": "result",
    "value": "0123456789abcdef0123456789abcdef.fedcba9876543210fedcba9876543210"
  },
  "message.delete": {
    "id": 70,
    "t": "result"
  },
  "message.edit": {
    "id": 69,
    "t": "result"
  },
  "message.get": {
    "entities": {
      "messages": [
        {
          "content": [
            {
              "children": [
                "On its ",
                {
                  "children": [
                    "way"
                  ],
                  "type": "bold"
                },
                ": ",
                {
                  "text": "example.com/391",
                  "type": "autoLink",
                  "url": "https://example.com/391"
                }
              ],
              "type": "text"
            }
          ],
          "conversation": "order-391",
          "createdAt": 1767229200000,
          "custom": {
            "tone": "kind"
          },
          "editedAt": 1767229260000,
          "id": "msg_2",
          "origin": "rest",
          "plaintext": "On its way: example.com/391",
          "reactions": [
            {
              "count": 2,
              "currentUserReacted": true,
              "emoji": "👍"
            },
            {
              "count": 1,
              "currentUserReacted": false,
              "emoji": ":shipit:"
            }
          ],
          "referencedMessage": "msg_1",
          "rev": 304945739554883,
          "sender": "bob",
          "type": "UserMessage"
        },
        {
          "content": [
            {
              "children": [
                "Where is it?"
              ],
              "type": "text"
            }
          ],
          "conversation": "order-391",
          "createdAt": 1767229100000,
          "id": "msg_1",
          "origin": "web",
          "plaintext": "Where is it?",
          "rev": 8439206281699395,
          "sender": "ada",
          "type": "UserMessage"
        }
      ],
      "users": [
        {
          "custom": {},
          "id": "ada",
          "locale": "en",
          "name": "Ada Lovelace",
          "photoUrl": null,
          "rev": 1904917585498228,
          "role": "default",
          "welcomeMessage": null
        },
        {
          "custom": {
            "color": "blue"
          },
          "id": "bob",
          "locale": "nl",
          "name": "Bob",
          "photoUrl": "http://example.com/bob.jpg",
          "rev": 447793982509172,
          "role": "reader",
          "welcomeMessage": "Hi, Bob here."
        }
      ]
    },
    "id": 42,
    "t": "result",
    "value": "msg_2"
  },
  "message.send": {
    "id": 43,
    "t": "result",
    "value": "msg_2"
  },
  "message.translate": {
    "id": 60,
    "t": "result",
    "value": {
      "content": [
        {
          "children": [
            "A ",
            {
              "children": [
                "caminho"
              ],
              "type": "bold"
            }
          ],
          "type": "text"
        }
      ],
      "plaintext": "A caminho"
    }
  },
  "more": {
    "entities": {
      "messages": [
        {
          "content": [
            {
              "children": [
                "Where is it?"
              ],
              "type": "text"
            }
          ],
          "conversation": "order-391",
          "createdAt": 1767229100000,
          "id": "msg_0",
          "origin": "web",
          "plaintext": "Where is it?",
          "rev": 4922395003150403,
          "sender": "ada",
          "type": "UserMessage"
        }
      ],
      "users": [
        {
          "custom": {},
          "id": "ada",
          "locale": "en",
          "name": "Ada Lovelace",
          "photoUrl": null,
          "rev": 1904917585498228,
          "role": "default",
          "welcomeMessage": null
        }
      ]
    },
    "id": 52,
    "t": "result",
    "value": {
      "items": [
        "msg_0"
      ],
      "more": false
    }
  },
  "participant.createIfNotExists": {
    "id": 67,
    "t": "result"
  },
  "participant.delete": {
    "id": 68,
    "t": "result"
  },
  "participant.edit": {
    "id": 66,
    "t": "result"
  },
  "participant.get": {
    "entities": {
      "users": [
        {
          "custom": {
            "color": "blue"
          },
          "id": "bob",
          "locale": "nl",
          "name": "Bob",
          "photoUrl": "http://example.com/bob.jpg",
          "rev": 447793982509172,
          "role": "reader",
          "welcomeMessage": "Hi, Bob here."
        }
      ]
    },
    "id": 37,
    "t": "result",
    "value": {
      "access": "Read",
      "joinedAt": 1767225601000,
      "notify": false,
      "user": "bob"
    }
  },
  "participant.set": {
    "id": 65,
    "t": "result"
  },
  "reaction.add": {
    "id": 71,
    "t": "result"
  },
  "reaction.list": {
    "entities": {
      "users": [
        {
          "custom": {
            "color": "blue"
          },
          "id": "bob",
          "locale": "nl",
          "name": "Bob",
          "photoUrl": "http://example.com/bob.jpg",
          "rev": 447793982509172,
          "role": "reader",
          "welcomeMessage": "Hi, Bob here."
        }
      ]
    },
    "id": 51,
    "t": "result",
    "value": [
      {
        "createdAt": 1767229270000,
        "user": "bob"
      }
    ]
  },
  "reaction.remove": {
    "id": 72,
    "t": "result"
  },
  "search.conversations": {
    "entities": {
      "conversations": [
        {
          "access": "ReadWrite",
          "createdAt": 1767225600000,
          "custom": {
            "order": "391"
          },
          "everyoneReadUntil": 1767225601000,
          "id": "order-391",
          "isUnread": true,
          "joinedAt": 1767225601000,
          "lastMessage": null,
          "lastMessageAt": 1767229200000,
          "notify": "MentionsOnly",
          "photoUrl": "https://example.com/391.png",
          "readUntil": 1767225700000,
          "rev": 8574997594917443,
          "subject": "Order 391",
          "unreadMessageCount": 3,
          "welcomeMessages": [
            "Hello!",
            "How can we help?"
          ]
        }
      ]
    },
    "id": 55,
    "t": "result",
    "value": {
      "items": [
        {
          "conversation": "order-391"
        }
      ]
    }
  },
  "search.messages": {
    "entities": {
      "conversations": [
        {
          "access": "ReadWrite",
          "createdAt": 1767225600000,
          "custom": {
            "order": "391"
          },
          "everyoneReadUntil": 1767225601000,
          "id": "order-391",
          "isUnread": true,
          "joinedAt": 1767225601000,
          "lastMessage": "msg_2",
          "lastMessageAt": 1767229200000,
          "notify": "MentionsOnly",
          "photoUrl": "https://example.com/391.png",
          "readUntil": 1767225700000,
          "rev": 2641119071980099,
          "subject": "Order 391",
          "unreadMessageCount": 3,
          "welcomeMessages": [
            "Hello!",
            "How can we help?"
          ]
        }
      ],
      "messages": [
        {
          "content": [
            {
              "children": [
                "On its ",
                {
                  "children": [
                    "way"
                  ],
                  "type": "bold"
                },
                ": ",
                {
                  "text": "example.com/391",
                  "type": "autoLink",
                  "url": "https://example.com/391"
                }
              ],
              "type": "text"
            }
          ],
          "conversation": "order-391",
          "createdAt": 1767229200000,
          "custom": {
            "tone": "kind"
          },
          "editedAt": 1767229260000,
          "id": "msg_2",
          "origin": "rest",
          "plaintext": "On its way: example.com/391",
          "reactions": [
            {
              "count": 2,
              "currentUserReacted": true,
              "emoji": "👍"
            },
            {
              "count": 1,
              "currentUserReacted": false,
              "emoji": ":shipit:"
            }
          ],
          "referencedMessage": "msg_1",
          "rev": 304945739554883,
          "sender": "bob",
          "type": "UserMessage"
        },
        {
          "content": [
            {
              "children": [
                "Where is it?"
              ],
              "type": "text"
            }
          ],
          "conversation": "order-391",
          "createdAt": 1767229100000,
          "id": "msg_1",
          "origin": "web",
          "plaintext": "Where is it?",
          "rev": 8439206281699395,
          "sender": "ada",
          "type": "UserMessage"
        }
      ],
      "users": [
        {
          "custom": {},
          "id": "ada",
          "locale": "en",
          "name": "Ada Lovelace",
          "photoUrl": null,
          "rev": 1904917585498228,
          "role": "default",
          "welcomeMessage": null
        },
        {
          "custom": {
            "color": "blue"
          },
          "id": "bob",
          "locale": "nl",
          "name": "Bob",
          "photoUrl": "http://example.com/bob.jpg",
          "rev": 447793982509172,
          "role": "reader",
          "welcomeMessage": "Hi, Bob here."
        }
      ]
    },
    "id": 54,
    "t": "result",
    "value": {
      "items": [
        {
          "conversation": "order-391",
          "message": "msg_2"
        }
      ],
      "next": {
        "message": {
          "at": 1767229200000,
          "id": "msg_2"
        }
      }
    }
  },
  "user.createIfNotExists": {
    "id": 4,
    "t": "result"
  },
  "user.get": {
    "entities": {
      "users": [
        {
          "custom": {
            "color": "blue"
          },
          "id": "bob",
          "locale": "nl",
          "name": "Bob",
          "photoUrl": "http://example.com/bob.jpg",
          "rev": 447793982509172,
          "role": "reader",
          "welcomeMessage": "Hi, Bob here."
        }
      ]
    },
    "id": 1,
    "t": "result",
    "value": "bob"
  },
  "user.get: no such user": {
    "id": 2,
    "t": "result"
  },
  "user.set": {
    "id": 3,
    "t": "result"
  }
} satisfies Record<string, Extract<ServerFrame, { t: "result" }>>;

export const server_update = {
  "a user has another name": {
    "entities": {
      "users": [
        {
          "custom": {
            "color": "blue"
          },
          "id": "bob",
          "locale": "nl",
          "name": "Robert",
          "photoUrl": "http://example.com/bob.jpg",
          "rev": 8853235513331828,
          "role": "reader",
          "welcomeMessage": "Hi, Bob here."
        }
      ]
    },
    "t": "update"
  }
} satisfies Record<string, Extract<ServerFrame, { t: "update" }>>;

export const server_welcome = {
  "with a token": {
    "epoch": "9b2f64c07d1e4a83b5c6d7e8f9011223",
    "pingInterval": 25000,
    "protocol": 1,
    "t": "welcome",
    "time": 1767225600000,
    "tokenExpiresIn": 3600000
  },
  "without authentication": {
    "epoch": "9b2f64c07d1e4a83b5c6d7e8f9011223",
    "pingInterval": 25000,
    "protocol": 1,
    "t": "welcome",
    "time": 1767225600000
  }
} satisfies Record<string, Extract<ServerFrame, { t: "welcome" }>>;
