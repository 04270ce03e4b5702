//! Whether and how payments go through Stripe.

use crate::config::{ConfigFile, UsageError};
use cartwright_gateways::{StripeGateway, StripeSettings};

/// Stripe's keys. A flag's value can be seen in the list of processes: prefer the environment or the configuration file.
#[derive(clap::Args)]
pub struct StripeArgs {
    /// Secret key of the Stripe account; with it the gateway `stripe` is there.
    #[arg(long, env = "STRIPE_SECRET_KEY", hide_env_values = true)]
    stripe_secret_key: Option<String>,
    /// Secret of the webhook endpoint at Stripe that points to `/api/v1/webhooks/stripe`.
    #[arg(long, env = "STRIPE_WEBHOOK_SECRET", hide_env_values = true)]
    stripe_webhook_secret: Option<String>,
    /// Publishable key of the Stripe account, handed to the browsers of shoppers who pay there.
    #[arg(long, env = "STRIPE_PUBLISHABLE_KEY")]
    stripe_publishable_key: Option<String>,
    /// Where Stripe is; another place for tests [default: https://api.stripe.com].
    #[arg(long, env = "STRIPE_API_BASE")]
    stripe_api_base: Option<String>,
}

impl StripeArgs {
    /// The gateway, where a secret key is configured.
    pub fn gateway(&self, file: &ConfigFile) -> anyhow::Result<Option<StripeGateway>> {
        // An empty variable is how compose files and shells say "not set".
        let named = |flag: &Option<String>, file: &Option<String>| {
            flag.clone().filter(|value| !value.is_empty()).or_else(|| file.clone())
        };
        let Some(secret_key) = named(&self.stripe_secret_key, &file.stripe_secret_key) else { return Ok(None) };
        let api_base = named(&self.stripe_api_base, &file.stripe_api_base);
        let settings = StripeSettings {
            secret_key,
            webhook_secret: named(&self.stripe_webhook_secret, &file.stripe_webhook_secret),
            publishable_key: named(&self.stripe_publishable_key, &file.stripe_publishable_key),
            api_base: api_base.unwrap_or_else(|| StripeSettings::API_BASE.to_owned()),
        };
        let gateway = StripeGateway::new(settings).map_err(|reason| UsageError(format!("Stripe: {reason}")))?;
        Ok(Some(gateway))
    }
}
