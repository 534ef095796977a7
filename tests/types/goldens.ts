// Written from crates/protocol/tests/golden by `UPDATE_DOCS=1 cargo test -p causerie-protocol`; not by hand.
import type {
  Answers, Batch, ClientFrame, CloseCode, Conversation, ErrorCode, Failure, Recovery, ServerFrame, User,
} from "./wire";

export const client_auth = {
  "a new token": {
    "t": "auth",
    "token": "eyJhbGciOiJIUzI1NiJ9.e30.another"
  }
} satisfies Record<string, Extract<ClientFrame, { t: "auth" }>>;

export const client_hello = {
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
  "conversation.get": {
    "id": 4294967295,
    "op": "conversation.get",
    "params": {
      "conversation": "order/391 – küche"
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
  "a conversation, resumed": {
    "from": {
      "epoch": "9b2f64c07d1e4a83b5c6d7e8f9011223",
      "seq": 1042
    },
    "id": 8,
    "t": "subscribe",
    "topic": {
      "id": "order-391",
      "kind": "conversation"
    },
    "window": {
      "limit": 30
    }
  },
  "a list of conversations": {
    "id": 9,
    "t": "subscribe",
    "topic": {
      "id": "ada",
      "kind": "conversationList"
    },
    "window": {
      "limit": 20
    }
  },
  "a user": {
    "id": 7,
    "t": "subscribe",
    "topic": {
      "id": "bob",
      "kind": "user"
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
    "lastMessageAt": 1767225600000,
    "notify": false,
    "photoUrl": null,
    "readUntil": 1767225600000,
    "subject": null,
    "unreadMessageCount": 0,
    "welcomeMessages": []
  }
} satisfies Record<string, Conversation>;

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

export const http_answers = {
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
            }
          ]
        },
        "id": 2,
        "value": "order-391"
      }
    ],
    "tokenExpiresIn": 3600000
  }
} satisfies Record<string, Answers>;

export const http_batch = {
  "none": {
    "client": "7f3a0c9be15d4c2a8e6610f2b4d79a35",
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
      "message": "this server speaks version 1 of the protocol, not 2"
    }
  },
  "no such app": {
    "error": {
      "code": "not_found",
      "message": "there is no app \"shop\" here"
    }
  }
} satisfies Record<string, Failure>;

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
      "message": "this server does not know frames of type \"shout\""
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
  "a conversation and its people": {
    "changes": [
      {
        "conversation": "order-391",
        "type": "conversation"
      },
      {
        "type": "user",
        "user": "ada"
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
        }
      ],
      "users": [
        {
          "custom": {},
          "id": "ada",
          "locale": "en",
          "name": "Ada Lovelace",
          "photoUrl": null,
          "role": "default",
          "welcomeMessage": null
        }
      ]
    },
    "id": 8,
    "position": {
      "epoch": "9b2f64c07d1e4a83b5c6d7e8f9011223",
      "seq": 1044
    },
    "t": "events"
  },
  "caught up, with nothing missed": {
    "changes": [],
    "id": 8,
    "position": {
      "epoch": "9b2f64c07d1e4a83b5c6d7e8f9011223",
      "seq": 9007199254740991
    },
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
          "role": "reader",
          "welcomeMessage": "Hi, Bob here."
        }
      ]
    },
    "id": 7,
    "position": {
      "epoch": "9b2f64c07d1e4a83b5c6d7e8f9011223",
      "seq": 3
    },
    "t": "reset",
    "value": "bob"
  },
  "an empty list": {
    "id": 9,
    "position": {
      "epoch": "9b2f64c07d1e4a83b5c6d7e8f9011223",
      "seq": 0
    },
    "t": "reset",
    "value": []
  }
} satisfies Record<string, Extract<ServerFrame, { t: "reset" }>>;

export const server_result = {
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
