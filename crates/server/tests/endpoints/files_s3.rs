//! Files in a store that speaks S3. `cargo xtask test --only s3` starts a real one and runs this test.

use causerie_server::config::S3Config;
use serde_json::json;

use crate::files::{Fixture, ada, begin, create, png, send};

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run cargo xtask test --only s3"))
}

#[tokio::test]
#[ignore = "needs an S3 server: cargo xtask test --only s3"]
async fn files_are_stored_in_a_bucket_in_parts_read_in_ranges_and_deleted() {
    let endpoint = variable("CAUSERIE_TEST_S3");
    let fixture = Fixture::start(|config| {
        config.files.s3 = Some(S3Config {
            bucket: "files".to_owned(),
            endpoint: Some(endpoint),
            region: None,
            access_key_id: variable("CAUSERIE_TEST_S3_KEY"),
            secret_access_key: variable("CAUSERIE_TEST_S3_SECRET"),
            virtual_hosted: false,
        });
    })
    .await;
    let mut client = ada(&fixture).await;
    // One request.
    let small = png(5, 4);
    let data =
        json!({ "filename": "a.png", "contentType": "image/png", "size": small.len(), "subtype": "image" });
    let token = create(&mut client, data).await;
    let stored = fixture.put(&token, small.clone()).await;
    assert_eq!(stored.status, 200, "{}", stored.text());
    let url = send(&mut client, &token).await["url"].as_str().unwrap().to_owned();
    assert_eq!(fixture.get(&url, &[]).await.body, small);
    assert!(!fixture.folder.path().join("files").exists(), "nothing is in the folder");

    // Three parts.
    let large: Vec<u8> = (0..12_000_000_u32).map(|n| (n % 251) as u8).collect();
    let token = create(&mut client, json!({ "filename": "large", "size": large.len() })).await;
    let stored = fixture.put(&token, large.clone()).await;
    assert_eq!(stored.status, 200, "{}", stored.text());
    let url = send(&mut client, &token).await["url"].as_str().unwrap().to_owned();
    assert!(fixture.get(&url, &[]).await.body == large, "the whole file");
    let part = fixture.get(&url, &[("range", "bytes=5242870-5242889")]).await;
    assert_eq!(part.status, 206);
    assert!(part.body == large[5_242_870..5_242_890], "a range over the border of two parts");

    // An upload that breaks off: its file is not there, and another can be uploaded.
    let token = create(&mut client, json!({ "filename": "broken", "size": 12_000_000 })).await;
    let stream = begin(&fixture, &token, "content-length: 12000000", &large[..11_000_000]).await;
    drop(stream);
    let mut last = String::new();
    for _ in 0..100 {
        last = fixture.put(&token, Vec::new()).await.text();
        if last.contains("must still exist") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(last.contains("must still exist"), "{last}");
}
