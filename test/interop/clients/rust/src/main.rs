//! rskafka as a client of the matrix: see ../../README.md for the commands. It knows partitions, no groups and no
//! partitioner: a member reads all partitions, and records go round.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, Read};
use std::sync::Arc;
use std::time::Duration;

use rskafka::client::partition::{Compression, UnknownTopicHandling};
use rskafka::client::{Client, ClientBuilder, Credentials, SaslConfig};
use rskafka::record::Record;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;

type Failure = Box<dyn std::error::Error>;

const PARTITIONS: i32 = 3;
const BATCH: usize = 50;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut args = std::env::args().skip(1);
    let command = args.next().ok_or("no command")?;
    let mut flags = HashMap::new();
    while let (Some(name), Some(value)) = (args.next(), args.next()) {
        flags.insert(name.trim_start_matches("--").to_owned(), value);
    }
    let client = Arc::new(connect(&flags).await?);
    let topic = flags["topic"].clone();
    match command.as_str() {
        "produce" => produce(&client, &topic, &flags["codec"]).await,
        "member" => member(client, topic).await,
        "admin" => admin(&client, &topic).await,
        _ => Err(format!("unknown command {command}").into()),
    }
}

async fn connect(flags: &HashMap<String, String>) -> Result<Client, Failure> {
    let mut builder = ClientBuilder::new(vec![flags["bootstrap"].clone()]);
    if flags.get("protocol").is_some_and(|protocol| protocol.ends_with("SSL")) {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(&flags["ca"])?)?;
        let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        builder = builder.tls_config(Arc::new(config));
    }
    if let Some(mechanism) = flags.get("mechanism") {
        let credentials = Credentials::new(flags["username"].clone(), flags["password"].clone());
        builder = builder.sasl_config(match mechanism.as_str() {
            "PLAIN" => SaslConfig::Plain(credentials),
            "SCRAM-SHA-256" => SaslConfig::ScramSha256(credentials),
            "SCRAM-SHA-512" => SaslConfig::ScramSha512(credentials),
            _ => return Err(format!("unknown mechanism {mechanism}").into()),
        });
    }
    Ok(builder.build().await?)
}

async fn partitions_of(client: &Client, topic: &str) -> Result<Vec<i32>, Failure> {
    let topics = client.list_topics().await?;
    let found = topics.into_iter().find(|each| each.name == topic);
    Ok(found.map(|each| each.partitions.into_iter().collect()).unwrap_or_default())
}

async fn produce(client: &Client, topic: &str, codec: &str) -> Result<(), Failure> {
    let compression = match codec {
        "none" => Compression::NoCompression,
        "gzip" => Compression::Gzip,
        "snappy" => Compression::Snappy,
        "lz4" => Compression::Lz4,
        "zstd" => Compression::Zstd,
        _ => return Err(format!("unknown codec {codec}").into()),
    };
    // A key stays on the partition that its first record went to.
    let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
    let partitions = partitions_of(client, topic).await?;
    let mut batches: Vec<Vec<Record>> = partitions.iter().map(|_| Vec::new()).collect();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (key, value) = line.split_once('\t').ok_or("no key")?;
        let next = places.len() % partitions.len();
        let place = *places.entry(key.into()).or_insert(next);
        batches[place].push(Record {
            key: Some(key.into()),
            value: Some(value.into()),
            headers: BTreeMap::new(),
            timestamp: chrono::Utc::now(),
        });
    }
    for (place, records) in batches.into_iter().enumerate() {
        let partition = partitions[place];
        let handle =
            client.partition_client(topic, partition, UnknownTopicHandling::Retry).await?;
        for batch in records.chunks(BATCH) {
            for offset in handle.produce(batch.to_vec(), compression).await? {
                println!("{}", json!({ "partition": partition, "offset": offset }));
            }
        }
    }
    Ok(())
}

async fn member(client: Arc<Client>, topic: String) -> Result<(), Failure> {
    let partitions = partitions_of(&client, &topic).await?;
    println!("{}", json!({ "assigned": partitions }));
    let mut next: HashMap<i32, i64> = HashMap::new();
    let (stop, mut stopped) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        let _ = stop.send(());
    });
    let mut handles = Vec::new();
    for partition in partitions {
        let handle =
            client.partition_client(&topic, partition, UnknownTopicHandling::Retry).await?;
        handles.push((partition, handle));
    }
    while stopped.try_recv().is_err() {
        for (partition, handle) in &handles {
            let offset = next.entry(*partition).or_insert(0);
            let (records, _) = handle.fetch_records(*offset, 1..1_000_000, 50).await?;
            for each in records {
                let text = |bytes: Option<Vec<u8>>| bytes.and_then(|b| String::from_utf8(b).ok());
                let (key, value) = (text(each.record.key), text(each.record.value));
                let place = json!({ "partition": partition, "offset": each.offset, "key": key, "value": value });
                println!("{place}");
                *offset = each.offset + 1;
            }
        }
    }
    Ok(())
}

async fn admin(client: &Client, topic: &str) -> Result<(), Failure> {
    let controller = client.controller_client()?;
    controller.create_topic(topic, PARTITIONS, 1, 5_000).await?;
    while partitions_of(client, topic).await?.len() < PARTITIONS as usize {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    println!("{}", json!({ "partitions": PARTITIONS }));
    Ok(controller.delete_topic(topic, 5_000).await?)
}
