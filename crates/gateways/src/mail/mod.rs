//! Sending mails: through an SMTP server, or as files in a folder where there is none.

mod smtp;
mod to_files;
mod unsubscribe;

pub use smtp::SmtpMailer;
pub use to_files::FileMailer;
